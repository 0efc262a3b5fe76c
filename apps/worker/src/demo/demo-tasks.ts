import { type AnyTask, defineTask } from "@millrace/queue";
import { z } from "zod";

/** A task that throws on its first attempt, and is retried after about one second. */
export const flakyTask = defineTask({
  name: "demo.flaky",
  payload: z.strictObject({}),
  backoff: { baseMs: 1_000, jitterMs: 200 },
  run(_payload, { job }) {
    if (job.attempt === 1) throw new Error("the first attempt always fails");
  },
});

/** The task that the demo's schedule runs at each tick. */
export const heartbeatTask = defineTask({
  name: "demo.heartbeat",
  payload: z.strictObject({}),
  run: () => undefined,
});

/** The tasks that the demo has besides the built-in tasks. */
export const demoTasks: readonly AnyTask[] = [flakyTask, heartbeatTask];
