import { type AnyTask, defineTask } from "@millrace/queue";
import { z } from "zod";

/** Throws on its first attempt, and is retried after about a second. */
export const flakyTask = defineTask({
  name: "demo.flaky",
  payload: z.strictObject({}),
  backoff: { baseMs: 1_000, jitterMs: 200 },
  run(_payload, { job }) {
    if (job.attempt === 1) throw new Error("the first attempt always fails");
  },
});

/** What each tick of the demo's schedule runs. */
export const heartbeatTask = defineTask({
  name: "demo.heartbeat",
  payload: z.strictObject({}),
  run: () => undefined,
});

/** The tasks that only the demo has. */
export const demoTasks: readonly AnyTask[] = [flakyTask, heartbeatTask];
