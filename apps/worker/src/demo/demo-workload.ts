import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { migrate } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import { flakyTask, heartbeatTask } from "./demo-tasks.ts";
import { DEMO_TABLE, resetDemoRows } from "./store/demo-rows.ts";

/** The queue of the demo's own jobs, so that they stay apart from the user's jobs. */
export const DEMO_QUEUE = "demo";

/** The types of the demo's jobs. The demo is complete when each type has completed once. */
export const DEMO_TYPES: readonly string[] = [
  "http.request",
  "rows.prune",
  flakyTask.name,
  heartbeatTask.name,
];

/** How many rows the demo's table has at first, one for each day, and the age at which the demo prunes a row. */
export const DEMO_ROWS = { count: 100, olderThan: "30d" } as const;

/** How long the demo keeps finished jobs of earlier starts: one day. */
const KEEP_FINISHED_MS = 86_400_000;

/** Prepares the database for a start of the demo: migrates it, and clears what earlier starts left. */
export async function prepareDemo(pool: Pool): Promise<void> {
  await migrate(pool);
  const queue = createQueue(pool);
  for (const state of ["queued", "running"] as const) {
    // An interrupted start leaves jobs. Its HTTP job would call a server that no longer exists.
    for (const job of await queue.list({ queue: DEMO_QUEUE, state, limit: 1_000 }))
      await queue.cancel(job.id);
  }
  await queue.prune({ olderThanMs: KEEP_FINISHED_MS });
  await resetDemoRows(pool, DEMO_ROWS.count);
  const schedules = createSchedules(pool);
  await schedules.ensure({
    name: "demo.heartbeat",
    jobType: heartbeatTask.name,
    cron: "*/5 * * * * *",
    queue: DEMO_QUEUE,
    misfire: "skip",
    overlap: "skip",
  });
  await schedules.enable("demo.heartbeat");
}

/** Enqueues the three jobs that the demo's schedule does not enqueue. */
export async function enqueueDemoJobs(pool: Pool, serverUrl: string): Promise<void> {
  const queue = createQueue(pool);
  const body = { hello: "from Millrace" };
  await queue.enqueue(
    "http.request",
    { url: `${serverUrl}/hook`, method: "POST", body },
    { queue: DEMO_QUEUE },
  );
  await queue.enqueue("rows.prune", { ...DEMO_TABLE, olderThan: DEMO_ROWS.olderThan }, { queue: DEMO_QUEUE });
  await queue.enqueue(flakyTask, {}, { queue: DEMO_QUEUE });
}
