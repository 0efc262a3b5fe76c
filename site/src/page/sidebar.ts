import type { SitePage } from "./site-pages.ts";

/** A link or a group of links of the navigation. */
export interface SidebarItem {
  text: string;
  link?: string;
  collapsed?: boolean;
  items?: SidebarItem[];
}

/**
 * The order of the pages in their groups. Pages that are not named here come after those that are, by their titles. So
 * a new page is in the navigation by itself.
 */
const ORDER = [
  "overview.md",
  "start.md",
  "install.md",
  "concepts/index.md",
  "concepts/places.md",
  "concepts/leases.md",
  "concepts/retries.md",
  "concepts/schedules.md",
  "guides/index.md",
  "guides/which-worker.md",
  "guides/transactional-enqueue.md",
  "guides/testing.md",
  "operations.md",
  "deploy.md",
  "scale.md",
  "packages/queue.md",
  "packages/scheduler.md",
  "packages/schema.md",
  "packages/dashboard.md",
  "packages/api.md",
  "packages/testing.md",
  "apps/worker.md",
  "apps/admin-cli.md",
];

/** Packages that only Millrace's own packages import. */
const NOT_PUBLIC = new Set(["packages/base.md", "packages/testpg.md"]);

const GROUPS: readonly { text: string; collapsed?: boolean; has(address: string): boolean }[] = [
  { text: "Start", has: (address) => ["overview.md", "start.md", "install.md"].includes(address) },
  { text: "Concepts", has: (address) => address.startsWith("concepts/") },
  { text: "Guides", has: (address) => address.startsWith("guides/") },
  { text: "Coming from", has: (address) => address.startsWith("coming-from/") },
  {
    text: "Packages",
    has: (address) => /^(packages|apps)\//.test(address) && !NOT_PUBLIC.has(address),
  },
  { text: "Reference", has: (address) => /^reference\/[^/]+\.md$/.test(address) },
  { text: "Examples", collapsed: true, has: (address) => /^examples[/.]/.test(address) },
  { text: "Decisions", collapsed: true, has: (address) => address.startsWith("decisions/") },
];

/** The group of pages that fit no other group, such as operations, performance and architecture. */
const REST = "Operations and design";

/** Returns the navigation over all pages but the start page and the API's many pages, which the reference links. */
export function sidebar(pages: readonly SitePage[]): SidebarItem[] {
  const listed = pages.filter(({ address }) => address !== "index.md" && !/^reference\/api\/./.test(address));
  const groupOf = (address: string) => GROUPS.find(({ has }) => has(address))?.text ?? REST;
  const groups = [...GROUPS.slice(0, 4), { text: REST, collapsed: false }, ...GROUPS.slice(4)];
  return groups
    .map(({ text, collapsed }) => ({
      text,
      ...(collapsed === true ? { collapsed } : {}),
      items: listed
        .filter(({ address }) => groupOf(address) === text)
        .sort(byOrder)
        .map((page) => ({ text: page.title, link: `/${page.address.replace(/\.md$/, "")}` })),
    }))
    .filter(({ items }) => items.length > 0);
}

function byOrder(a: SitePage, b: SitePage): number {
  const decisions = a.address.startsWith("decisions/") && b.address.startsWith("decisions/");
  if (decisions) return a.address.localeCompare(b.address);
  return place(a) - place(b) || a.title.localeCompare(b.title);
}

function place({ address }: SitePage): number {
  const at = ORDER.indexOf(address);
  return at < 0 ? ORDER.length : at;
}
