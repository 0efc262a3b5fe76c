import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { migrate } from "@millrace/schema/migrations";
import type { Pool } from "pg";
import { httpRequestTask } from "../tasks/http-request.ts";
import { flakyTask, heartbeatTask } from "./demo-tasks.ts";
import { DEMO_TABLE, resetDemoRows } from "./store/demo-rows.ts";

/** The queue of everything the demo enqueues, apart from what its user does. */
export const DEMO_QUEUE = "demo";

/** The types of the jobs that make the demo: it has shown all when each has completed once. */
export const DEMO_TYPES: readonly string[] = [
  "http.request",
  "rows.prune",
  flakyTask.name,
  heartbeatTask.name,
];

/** The rows the demo's table starts with, one a day, and the age from which they are pruned. */
export const DEMO_ROWS = { count: 100, olderThan: "30d" } as const;

/** Finished jobs of earlier starts are kept this long: a day. */
const KEEP_FINISHED_MS = 86_400_000;

/** Brings the database to where every start of the demo begins; nothing piles up from one start to the next. */
export async function prepareDemo(pool: Pool): Promise<void> {
  await migrate(pool);
  const queue = createQueue(pool);
  for (const state of ["queued", "running"] as const) {
    // What an interrupted start left: its HTTP job would call a server that is gone.
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

/** Enqueues the three jobs that are not the schedule's. */
export async function enqueueDemoJobs(pool: Pool, serverUrl: string): Promise<void> {
  const queue = createQueue(pool);
  const body = { hello: "from Millrace" };
  await queue.enqueue(
    httpRequestTask,
    { url: `${serverUrl}/hook`, method: "POST", body },
    { queue: DEMO_QUEUE },
  );
  await queue.enqueue("rows.prune", { ...DEMO_TABLE, olderThan: DEMO_ROWS.olderThan }, { queue: DEMO_QUEUE });
  await queue.enqueue(flakyTask, {}, { queue: DEMO_QUEUE });
}
