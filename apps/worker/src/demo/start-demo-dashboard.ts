import { userInfo } from "node:os";
import { reasonOf } from "@millrace/base";
import { buildDemoDashboard } from "./build-demo-dashboard.ts";

/** The demo's dashboard. */
export interface DemoDashboard {
  /** What the demo prints about the dashboard: its address, or why there is none. */
  readonly line: string;
  stop(): Promise<void>;
}

/** The dashboard takes this port or, when it is taken, the next free one. */
const PREFERRED_PORT = 3939;

/**
 * Starts the dashboard on the demo's database. If the dashboard cannot start, the demo prints why, and goes on without
 * a dashboard.
 */
export async function startDemoDashboard(options: {
  databaseUrl: string;
  write(text: string): void;
  /** Called once, when somebody opens the dashboard. */
  onOpen(): void;
  signal: AbortSignal;
}): Promise<DemoDashboard> {
  try {
    await buildDemoDashboard(options.write, options.signal);
    return await serve(options);
  } catch (error) {
    return { line: `Dashboard: none, because ${reasonOf(error)}`, stop: async () => undefined };
  }
}

async function serve({
  databaseUrl,
  onOpen,
}: {
  databaseUrl: string;
  onOpen(): void;
}): Promise<DemoDashboard> {
  // A deployed worker does not have this package.
  const { ACTIONS, createDashboard, serveDashboard } = await import("@millrace/dashboard");
  const dashboard = createDashboard({
    db: databaseUrl,
    // Only users of this machine reach the dashboard.
    authorize: () => ({ actions: ACTIONS, who: userInfo().username }),
    redact: ["card.number"],
  });
  let isOpen = false;
  const watched = async (request: Request) => {
    if (!isOpen) onOpen();
    isOpen = true;
    return dashboard(request);
  };
  const served = await serveDashboard(Object.assign(watched, { close: () => dashboard.close() }), {
    port: PREFERRED_PORT,
    orNextPort: true,
    loopbackHosts: true,
  });
  return { line: `Dashboard: ${served.origin}`, stop: () => served.close() };
}
