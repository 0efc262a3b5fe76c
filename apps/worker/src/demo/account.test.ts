import type { ClaimedJob } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { accountOf, formatLine } from "./account.ts";

const job: ClaimedJob = {
  id: "01890000-0000-7000-8000-0000000abcde",
  queue: "demo",
  type: "demo.flaky",
  payload: {},
  leaseToken: 1,
  attempt: 1,
  maxAttempts: 3,
  crashes: 0,
};

describe("the demo's account", () => {
  test("tells a retry in one line, without the stack", () => {
    const error = "Error: no luck\n    at run (file.ts:1:1)";

    const line = accountOf({ kind: "job-retried", job, durationMs: 1, error, retryInMs: 1_234 });

    expect(line).toEqual({
      what: "retried",
      subject: "demo.flaky",
      detail: "again in 1.2 s: Error: no luck",
      tone: "bad",
    });
  });

  test("aligns what happened, to what, and the detail", () => {
    const started = accountOf({ kind: "job-started", job });
    const completed = accountOf({ kind: "job-completed", job, durationMs: 12.3 });
    if (started === null || completed === null) throw new Error("both are told");

    expect(formatLine(started, { elapsedMs: 1_234, colour: false })).toBe(
      "    1.23 s  started    demo.flaky           job …0abcde, attempt 1 of 3",
    );
    expect(formatLine(completed, { elapsedMs: 112_340, colour: false })).toBe(
      "  112.34 s  completed  demo.flaky           in 12 ms, attempt 1",
    );
  });

  test("is coloured only when it may be", () => {
    const line = { what: "failed", subject: "a", detail: "b", tone: "bad" } as const;

    expect(formatLine(line, { elapsedMs: 0, colour: false })).not.toContain("\u001b");
    expect(formatLine(line, { elapsedMs: 0, colour: true })).toContain("\u001b[33m");
  });
});
