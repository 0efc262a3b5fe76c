import { type Authorize, createDashboard, type ServedDashboard, serveDashboard } from "@millrace/dashboard";
import type { FileDatabase } from "@millrace/testpg/vitest";
import { afterEach } from "vitest";

/** How to serve a dashboard. */
export interface DashboardSettings {
  readonly basePath?: string;
  readonly authorize?: Authorize;
  readonly redact?: readonly string[];
}

/** Gives a test file dashboards on its database. A dashboard is stopped after its test. */
export function useDashboard(database: FileDatabase): (settings?: DashboardSettings) => Promise<string> {
  const served: ServedDashboard[] = [];
  afterEach(async () => {
    await Promise.all(served.splice(0).map((each) => each.close()));
  });
  return async ({ basePath = "", authorize = everything, redact = [] } = {}) => {
    const dashboard = createDashboard({ db: database.url, basePath, authorize, redact });
    const one = await serveDashboard(dashboard, { port: 0 });
    served.push(one);
    return `${one.origin}${basePath}`;
  };
}

const everything: Authorize = () => "all";
