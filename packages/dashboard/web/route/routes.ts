import type { ComponentType } from "preact";
import type { IconName } from "../ui/icons.tsx";
import { matchPath, type PathParams } from "./match-path.ts";
import type { PageProps } from "./page-props.ts";

/** A page: loaded when somebody first goes there, so that the first load stays small. */
export interface Route {
  pattern: string;
  load: () => Promise<ComponentType<PageProps>>;
  /** How the page stands in the navigation. Pages of one thing, such as one job, do not stand there. */
  nav?: { label: string; icon: IconName; key: string };
  /** The pattern of the page in the navigation that this page belongs to. */
  parent?: string;
}

/** All pages, in the order of the navigation. */
export const ROUTES: readonly Route[] = [
  {
    pattern: "/",
    load: async () => (await import("../page/overview/overview-page.tsx")).OverviewPage,
    nav: { label: "Overview", icon: "overview", key: "o" },
  },
  {
    pattern: "/jobs",
    load: async () => (await import("../page/jobs/jobs-page.tsx")).JobsPage,
    nav: { label: "Jobs", icon: "jobs", key: "j" },
  },
  {
    pattern: "/jobs/:id",
    load: async () => (await import("../page/job/job-page.tsx")).JobPage,
    parent: "/jobs",
  },
  {
    pattern: "/failures",
    load: async () => (await import("../page/failures/failures-page.tsx")).FailuresPage,
    nav: { label: "Failures", icon: "failures", key: "f" },
  },
  {
    pattern: "/queues",
    load: async () => (await import("../page/queues/queues-page.tsx")).QueuesPage,
    nav: { label: "Queues", icon: "queues", key: "q" },
  },
  {
    pattern: "/schedules",
    load: async () => (await import("../page/schedules/schedules-page.tsx")).SchedulesPage,
    nav: { label: "Schedules", icon: "schedules", key: "s" },
  },
  {
    pattern: "/schedules/:name",
    load: async () => (await import("../page/schedules/schedule-page.tsx")).SchedulePage,
    parent: "/schedules",
  },
  {
    pattern: "/workers",
    load: async () => (await import("../page/workers/workers-page.tsx")).WorkersPage,
    nav: { label: "Workers", icon: "workers", key: "w" },
  },
  {
    pattern: "/audit",
    load: async () => (await import("../page/audit/audit-page.tsx")).AuditPage,
    nav: { label: "Audit", icon: "audit", key: "a" },
  },
];

/** Finds the page of a path; null where there is none. */
export function findRoute(path: string): { route: Route; params: PathParams } | null {
  for (const route of ROUTES) {
    const params = matchPath(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}
