import { type Authorize, createDashboard, type ServedDashboard, serveDashboard } from "@millrace/dashboard";
import type { FileDatabase } from "@millrace/testpg/vitest";
import { afterEach } from "vitest";

/** How to serve a dashboard. */
export interface DashboardSettings {
  readonly basePath?: string;
  readonly authorize?: Authorize;
  readonly redact?: readonly string[];
  /** The database role of the dashboard. Default: that of the test. */
  readonly role?: string;
}

/** Gives a test file dashboards on its database. A dashboard is stopped after its test. */
export function useDashboard(database: FileDatabase): (settings?: DashboardSettings) => Promise<string> {
  const served: ServedDashboard[] = [];
  afterEach(async () => {
    await Promise.all(served.splice(0).map((each) => each.close()));
  });
  return async ({ basePath = "", authorize = everything, redact = [], role } = {}) => {
    const dashboard = createDashboard({ db: urlAs(database.url, role), basePath, authorize, redact });
    const one = await serveDashboard(dashboard, { port: 0 });
    served.push(one);
    return `${one.origin}${basePath}`;
  };
}

const everything: Authorize = () => "all";

/** The address of a database whose connections take on a role. */
function urlAs(address: string, role: string | undefined): string {
  if (role === undefined) return address;
  const url = new URL(address);
  url.searchParams.set("options", `-c role=${role}`);
  return url.href;
}
