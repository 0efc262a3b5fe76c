import { describe, expect, test } from "vitest";
import type { QueuedJob } from "../job/job.ts";
import { explainQueued, type QueuedSituation } from "./explain-queued.ts";
import type { QueuedFacts } from "./queued-facts.sql.ts";

const NOW = new Date("2030-01-01T12:00:00.000Z");
const after = (ms: number) => new Date(NOW.getTime() + ms);

const JOB: QueuedJob = {
  id: "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f",
  queue: "mail",
  type: "send",
  payload: {},
  priority: 0,
  runAt: after(-5_000),
  leaseToken: 0,
  workerId: null,
  attempts: 0,
  maxAttempts: 10,
  crashes: 0,
  lastError: null,
  lastRunAt: null,
  idempotencyKey: null,
  scheduleId: null,
  createdAt: after(-5_000),
  updatedAt: after(-5_000),
  progress: null,
  tags: [],
  metadata: {},
  startBy: null,
  tickAt: null,
  settings: {},
  traceContext: null,
  leaseUntil: null,
  cancelRequestedAt: null,
  completedAt: null,
  canceledAt: null,
  output: null,
  state: "queued",
};

const FACTS: QueuedFacts = {
  now: NOW,
  runAt: after(-5_000),
  after: null,
  pausedAt: null,
  living: 2,
  claiming: 2,
  able: 2,
  ablePaused: 0,
  slots: 20,
  running: 0,
  before: 0,
  beforeIsCut: false,
  wasLocked: false,
  mayLock: true,
};

const explain = (
  job: Partial<QueuedJob> = {},
  facts: Partial<QueuedFacts> = {},
  rest: Partial<QueuedSituation> = {},
) =>
  explainQueued({ ...JOB, ...job }, { facts: { ...FACTS, ...facts }, afterState: null, lock: null, ...rest });

const codes = (reasons: readonly { code: string }[]) => reasons.map(({ code }) => code);

describe("why a queued job is not running", () => {
  test("nothing holds it back: it is due, and a worker is idle", () => {
    expect(explain()).toEqual([
      {
        code: "due-now",
        workers: 2,
        dueForMs: 5_000,
        text: "The job has been due for 5 s. Nothing holds the job back: a worker takes it when it looks next.",
      },
    ]);
  });

  test("others come first, and the workers are busy", () => {
    expect(explain({}, { running: 20, before: 10_000, beforeIsCut: true })).toEqual([
      {
        code: "workers-busy",
        workers: 2,
        slots: 20,
        running: 20,
        before: 10_000,
        beforeIsCut: true,
        dueForMs: 5_000,
        text:
          "The job has been due for 5 s. At least 10,000 due jobs of its queue come first. " +
          "2 workers could run it, 20 jobs at a time, now running 20 jobs.",
      },
    ]);
  });

  test("a worker of an older release does not tell how many jobs it runs", () => {
    const [reason] = explain({}, { running: 20, before: 1, slots: null });

    expect(reason).toMatchObject({ code: "workers-busy", slots: null });
    expect(reason?.text).toMatch(/ 2 workers could run it, now running 20 jobs\.$/);
  });

  test("every worker that could run it is paused, and one that is not suffices", () => {
    expect(explain({}, { ablePaused: 2 })).toEqual([
      {
        code: "workers-paused",
        workers: 2,
        text: "2 workers could run the job, and all are paused by their programs.",
      },
    ]);
    expect(explain({}, { ablePaused: 1 })).toMatchObject([{ code: "due-now" }]);
  });

  test("it is due later", () => {
    expect(explain({}, { runAt: after(3_660_000) })).toEqual([
      {
        code: "not-due",
        runAt: after(3_660_000),
        dueInMs: 3_660_000,
        text: "The job is due in 1 h 1 min, at 2030-01-01T13:01:00.000Z.",
      },
    ]);
  });

  test("it backs off after an error, of which the first line is told", () => {
    const failed = { attempts: 3, crashes: 2, lastError: "Error: refused\n    at run (a.js:1:1)" };

    expect(explain(failed, { runAt: after(40_000) })).toEqual([
      {
        code: "backing-off",
        runAt: after(40_000),
        dueInMs: 40_000,
        attempts: 3,
        maxAttempts: 10,
        crashes: 2,
        lastError: "Error: refused",
        text:
          "Used 3 of 10 attempts. The job crashed 2 times. " +
          "The next attempt is due in 40 s, at 2030-01-01T12:00:40.000Z. Last error: Error: refused",
      },
      {
        code: "suspect",
        crashes: 2,
        text:
          "The job crashed 2 times. " +
          "A worker runs it alone: the worker waits until its other jobs have ended, and begins no other job.",
      },
    ]);
  });

  test("it waits for another job of its key, which is named with its state", () => {
    const waiting = explain(
      { idempotencyKey: "k" },
      { runAt: null, after: "other" },
      { afterState: "running" },
    );

    expect(waiting).toEqual([
      {
        code: "waits-for-job",
        jobId: "other",
        state: "running",
        text: 'One job of the key "k" runs at a time. The job waits for the end of job other, which is running.',
      },
    ]);
    expect(explain({}, { runAt: null, after: "other" })[0]?.text).toContain("has ended or was deleted");
    expect(codes(explain({}, { runAt: null }))).toEqual(["no-run-at"]);
  });

  test("its queue is paused, no worker is alive, and its row is locked: every reason is told", () => {
    const since = after(-90_000);
    const by = { pid: 7, applicationName: "psql", state: "idle in transaction", since, queryStart: since };
    const reasons = explain({}, { pausedAt: since, living: 0, claiming: 0, able: 0 }, { lock: { by } });

    expect(codes(reasons)).toEqual(["queue-paused", "no-worker-for-queue", "row-locked"]);
    expect(reasons[0]).toMatchObject({ queue: "mail", pausedAt: since });
    expect(reasons[0]?.text).toContain("was paused 1 min 30 s ago");
    expect(reasons[1]).toMatchObject({ workers: 0 });
    expect(reasons[2]).toMatchObject(by);
    expect(reasons[2]?.text).toContain("psql, pid 7, idle in transaction");
  });

  test("a lock of an unknown transaction is told, too", () => {
    expect(explain({}, {}, { lock: { by: null } })[0]).toMatchObject({
      code: "row-locked",
      pid: null,
      since: null,
    });
  });

  test("workers are alive, and none of them claims from its queue, or has its task", () => {
    expect(explain({}, { claiming: 0, able: 0 })[0]).toMatchObject({
      code: "no-worker-for-queue",
      workers: 2,
    });
    expect(explain({}, { able: 0 })[0]).toMatchObject({
      code: "no-worker-for-type",
      queue: "mail",
      type: "send",
      workers: 2,
    });
  });

  test("until when it must have started, and that this is over", () => {
    const inTime = explain({ startBy: after(60_000) });
    const tooLate = explain({ startBy: after(-1) });

    expect(codes(inTime)).toEqual(["due-now", "start-by"]);
    expect(inTime[1]).toMatchObject({ startBy: after(60_000), leftMs: 60_000 });
    expect(codes(tooLate)).toEqual(["start-by-passed"]);
  });
});
