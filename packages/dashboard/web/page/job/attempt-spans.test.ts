import type { JobDetail } from "@millrace/api/client";
import { describe, expect, test } from "vitest";
import { attemptSpans } from "./attempt-spans.ts";

const at = (second: number) => new Date(Date.UTC(2031, 0, 1, 0, 0, second)).toISOString();

const job = (over: Partial<JobDetail>): JobDetail => ({
  id: "01890000-0000-7000-8000-000000000001",
  state: "queued",
  queue: "default",
  type: "send",
  priority: 0,
  runAt: at(0),
  attempts: 0,
  maxAttempts: 3,
  crashes: 0,
  workerId: null,
  lastRunAt: null,
  leaseUntil: null,
  cancelRequestedAt: null,
  lastError: null,
  idempotencyKey: null,
  scheduleId: null,
  tickAt: null,
  startBy: null,
  tags: [],
  createdAt: at(0),
  updatedAt: at(0),
  finishedAt: null,
  payloadPreview: null,
  payload: "{}",
  output: null,
  progress: null,
  metadata: "{}",
  settings: {},
  traceId: null,
  error: null,
  attemptsMade: [],
  scheduleName: null,
  redacted: [],
  ...over,
});

const RETRIED = {
  attempt: 1,
  workerId: "a",
  startedAt: at(2),
  finishedAt: at(5),
  outcome: "retried",
  error: "Error: no",
};

describe("attemptSpans", () => {
  test("is empty for a job that has not run", () => {
    expect(attemptSpans(job({}))).toEqual([]);
  });

  test("adds the run that completed the job to those that did not", () => {
    const completed = job({
      state: "completed",
      attempts: 2,
      workerId: "b",
      lastRunAt: at(15),
      finishedAt: at(16),
      attemptsMade: [RETRIED],
    });

    expect(
      attemptSpans(completed).map(({ attempt, outcome, waitMs, runMs }) => [attempt, outcome, waitMs, runMs]),
    ).toEqual([
      [1, "retried", 2_000, 3_000],
      [2, "completed", 10_000, 1_000],
    ]);
  });

  test("leaves the length of a run under way open", () => {
    const running = job({ state: "running", attempts: 1, workerId: "a", lastRunAt: at(3) });

    expect(attemptSpans(running)).toMatchObject([{ outcome: "running", waitMs: 3_000, runMs: null }]);
  });

  test("knows no wait before a run that never began", () => {
    const released = job({ attemptsMade: [{ ...RETRIED, startedAt: null, outcome: "crashed" }] });

    expect(attemptSpans(released)).toMatchObject([{ waitMs: null, runMs: null }]);
  });
});
