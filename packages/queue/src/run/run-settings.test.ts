import { describe, expect, test } from "vitest";
import { DEFAULT_BACKOFF } from "../task/backoff.ts";
import { defaultsOfTask, type RunDeciders, runBackoff, runTimeoutMs } from "./run-settings.ts";

const NOBODY: RunDeciders = {
  job: null,
  named: undefined,
  task: { backoff: undefined, timeoutMs: undefined },
  queue: undefined,
  worker: {},
};

const TASK = { backoff: {}, timeoutMs: 2 };

describe("how a run is limited", () => {
  test("is the default while nobody says otherwise: no time-out, and the default backoff", () => {
    expect([runTimeoutMs(NOBODY), runBackoff(NOBODY)]).toEqual([undefined, DEFAULT_BACKOFF]);
  });

  test.each<[string, Partial<RunDeciders>, number]>([
    ["the worker", {}, 4],
    ["the queue before the worker", { queue: { timeoutMs: 3 } }, 3],
    ["the task before the queue", { queue: { timeoutMs: 3 }, task: TASK }, 2],
    ["what the worker says about the task before the task", { task: TASK, named: { timeoutMs: 5 } }, 5],
    ["the task where the worker says nothing of the time-out", { task: TASK, named: { maxAttempts: 5 } }, 2],
    ["the job before all", { task: TASK, named: { timeoutMs: 5 }, job: { timeoutMs: 1 } }, 1],
  ])("is decided by %s", (_who, deciders, expected) => {
    expect(runTimeoutMs({ ...NOBODY, worker: { timeoutMs: 4 }, ...deciders })).toBe(expected);
  });

  test("is decided field by field for a backoff", () => {
    const backoff = runBackoff({
      job: { backoff: { baseMs: 1 } },
      named: undefined,
      task: { backoff: { baseMs: 2, capMs: 2 }, timeoutMs: undefined },
      queue: { backoff: { baseMs: 3, capMs: 3, jitterMs: 3 } },
      worker: { backoff: { baseMs: 4, capMs: 4, jitterMs: 4 } },
    });

    expect(backoff).toEqual({ baseMs: 1, capMs: 2, jitterMs: 3 });
  });

  test("takes single fields of a backoff from what the worker says about the task", () => {
    const task = { backoff: { baseMs: 2, capMs: 2 }, timeoutMs: undefined };

    expect(runBackoff({ ...NOBODY, task, named: { backoff: { capMs: 9 } } })).toEqual({
      ...DEFAULT_BACKOFF,
      baseMs: 2,
      capMs: 9,
    });
  });

  test("is not decided by what every object inherits, for a job whose type is such a name", () => {
    expect(defaultsOfTask({ tasks: { mail: { timeoutMs: 1 } } }, "constructor")).toBeUndefined();
    expect(defaultsOfTask({ tasks: { mail: { timeoutMs: 1 } } }, "mail")).toEqual({ timeoutMs: 1 });
    expect(defaultsOfTask({}, "mail")).toBeUndefined();
  });

  test.each([["soon"], [0], [-5], [Number.NaN], [null]])(
    "is not decided by a time-out of %j",
    (timeoutMs) => {
      const job = { timeoutMs } as unknown as RunDeciders["job"];

      expect(runTimeoutMs({ ...NOBODY, job, queue: { timeoutMs: 3 } })).toBe(3);
    },
  );
});
