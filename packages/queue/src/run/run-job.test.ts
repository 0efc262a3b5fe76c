import { systemClock } from "@millrace/base";
import { expect, test } from "vitest";
import { Run } from "./run.ts";
import { runJob } from "./run-job.ts";

test("a job of a type that the worker has no task for is given back with a delay, and never failed", async () => {
  const job = {
    id: "1",
    queue: "q",
    type: "new",
    payload: {},
    leaseToken: 1,
    attempt: 3,
    maxAttempts: 3,
    crashes: 0,
  };
  const contextOf = () => {
    throw new Error("No handler runs");
  };

  const outcome = await runJob(new Run(job, 0), {
    tasks: new Map(),
    clock: systemClock,
    middleware: [],
    defaults: {},
    queueSettings: () => undefined,
    contextOf,
  });

  expect(outcome).toEqual({ kind: "release", delayMs: 5_000 });
});
