import { describe, expect, test } from "vitest";
import { ErrorLines } from "./error-lines.ts";
import type { WorkerEvent } from "./worker-event.ts";

const job = {
  id: "01a20f78-0000-7000-8000-000000000001",
  leaseToken: 1,
  queue: "q",
  type: "mail",
  payload: {},
  attempt: 1,
  maxAttempts: 3,
  crashes: 0,
};
const refused = () =>
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
const during = (what: Extract<WorkerEvent, { kind: "error" }>["during"], error: unknown): WorkerEvent => ({
  kind: "error",
  during: what,
  error,
});

describe("a line about what went wrong", () => {
  test("says which job failed, how often it may, and why, in one line", () => {
    const lines = new ErrorLines();
    const error = "Error: boom\n    at somewhere";

    expect(lines.of({ kind: "job-retried", job, durationMs: 1, retryInMs: 5_200, error }, 0)).toBe(
      `millrace: job ${job.id} (mail), attempt 1 of 3, failed, next one in 6 s: Error: boom`,
    );
    expect(lines.of({ kind: "job-failed", job, durationMs: 1, error: "Error: bang" }, 0)).toBe(
      `millrace: job ${job.id} (mail), attempt 1 of 3, failed for good: Error: bang`,
    );
  });

  test("is not written about what went well", () => {
    expect(new ErrorLines().of({ kind: "job-completed", job, durationMs: 1 }, 0)).toBeNull();
  });

  test("has the reason that node hides in an error without a message", () => {
    const error = Object.assign(new AggregateError([refused(), refused()], ""), { code: "ECONNREFUSED" });

    expect(new ErrorLines().of(during("claim", error), 0)).toBe(
      "millrace: The worker cannot look for jobs: Error: connect ECONNREFUSED 127.0.0.1:5432 [ECONNREFUSED]",
    );
  });

  test("comes once a minute for one reason, and then says how many there were", () => {
    const lines = new ErrorLines();
    const failed = { kind: "job-failed", job, durationMs: 1, error: "Error: boom" } as const;

    expect(lines.of(failed, 0)).toContain("boom");
    expect(lines.of(failed, 30_000)).toBeNull();
    expect(lines.of(failed, 59_999)).toBeNull();
    expect(lines.of(failed, 60_000)).toMatch(/boom \(and 2 more like this\)$/);
  });
});

describe("a database that is away", () => {
  test("is told once, whatever the worker tries, then when the reason changes, and when it answers", () => {
    const lines = new ErrorLines();
    const starting = Object.assign(new Error("the database system is starting up"), { code: "57P03" });

    const told = [
      lines.of(during("claim", refused()), 0),
      lines.of(during("listen", refused()), 1),
      lines.of(during("recover", refused()), 600_000),
      lines.of(during("claim", starting), 600_001),
      lines.answered(),
      lines.answered(),
    ];

    expect(told.filter((line) => line !== null)).toEqual([
      expect.stringContaining("ECONNREFUSED"),
      expect.stringContaining("starting up"),
      "millrace: the database answers again",
    ]);
  });
});
