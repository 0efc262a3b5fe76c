import { JOB_STATES, type JobState } from "@millrace/schema/values";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue, TRANSITIONS } from "../../src/index.ts";
import { insertJob, type JobSetup, rowOf } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

interface Case {
  /** The state each starting state ends in; a state that is missing must refuse the transition. */
  expected: Partial<Record<JobState, JobState>>;
  setup?: JobSetup;
  attempt(id: string): Promise<unknown>;
}

/** Moves a job to another queue, wherever the job is. */
const MOVE_QUEUE = `
  WITH waiting AS (UPDATE millrace.waiting_jobs SET queue = $1 WHERE id = $2),
       claimed AS (UPDATE millrace.claims SET queue = $1 WHERE $2 = ANY(ids))
  UPDATE millrace.ended_jobs SET queue = $1 WHERE id = $2`;

/** Written out by hand: comparing with the table in the code itself would prove nothing. */
const CASES: Record<string, Case> = {
  claim: {
    expected: { queued: "running" },
    attempt: (id) =>
      pool
        .query(MOVE_QUEUE, [`only-${id}`, id])
        .then(() => queue.runs.claim({ queues: [`only-${id}`], workerId: "w", limit: 10, leaseSeconds: 30 })),
  },
  complete: {
    expected: { running: "completed" },
    attempt: (id) => queue.runs.complete([{ id, leaseToken: 1 }]),
  },
  retryLater: {
    expected: { running: "queued" },
    attempt: (id) => queue.runs.fail([{ id, leaseToken: 1, error: "x", retryInMs: 1_000 }]),
  },
  fail: {
    expected: { running: "failed" },
    attempt: (id) => queue.runs.fail([{ id, leaseToken: 1, error: "x", retryInMs: null }]),
  },
  honourCancel: {
    expected: { running: "canceled" },
    setup: { cancelRequested: true },
    attempt: (id) => queue.runs.fail([{ id, leaseToken: 1, error: "x", retryInMs: 1_000 }]),
  },
  snooze: {
    expected: { running: "queued" },
    attempt: (id) => queue.runs.release([{ id, leaseToken: 1, delayMs: 1_000 }]),
  },
  cancelSelf: {
    expected: { running: "canceled" },
    attempt: (id) => queue.runs.fail([{ id, leaseToken: 1, error: "x", retryInMs: null, cancel: true }]),
  },
  release: {
    expected: { running: "queued" },
    attempt: (id) => queue.runs.release([{ id, leaseToken: 1 }]),
  },
  recover: {
    expected: { running: "queued" },
    setup: { leaseInSeconds: -1 },
    attempt: () => queue.runs.recover(),
  },
  failCrashed: {
    expected: { running: "failed" },
    setup: { leaseInSeconds: -1, crashes: 5 },
    attempt: () => queue.runs.recover({ maxCrashes: 5 }),
  },
  cancelCrashed: {
    expected: { running: "canceled" },
    setup: { leaseInSeconds: -1, cancelRequested: true },
    attempt: () => queue.runs.recover(),
  },
  cancel: {
    expected: { queued: "canceled", running: "running" },
    attempt: (id) =>
      queue.cancel(id).catch((error: { code: string }) => expect(error.code).toBe("JOB_STATE")),
  },
  expire: {
    expected: { queued: "canceled" },
    attempt: async (id) => {
      await pool.query(`UPDATE millrace.waiting_jobs SET settings = '{"startBy": 1}' WHERE id = $1`, [id]);
      await queue.runs.recover();
    },
  },
  retry: {
    expected: { completed: "queued", failed: "queued", canceled: "queued" },
    attempt: (id) => queue.retry(id).catch((error: { code: string }) => expect(error.code).toBe("JOB_STATE")),
  },
  runNow: {
    expected: { queued: "queued" },
    setup: { runInSeconds: 60 },
    attempt: (id) =>
      queue.runNow(id).catch((error: { code: string }) => expect(error.code).toBe("JOB_STATE")),
  },
  change: {
    expected: { queued: "queued" },
    attempt: (id) =>
      queue
        .change(id, { priority: 7 })
        .catch((error: { code: string }) => expect(error.code).toBe("JOB_STATE")),
  },
  undoCancel: {
    expected: { canceled: "queued" },
    attempt: (id) => undo(id, "cancel", { state: "queued" }),
  },
  undoRetryOfCompleted: {
    expected: { queued: "completed" },
    attempt: (id) => undo(id, "retry", { ...RETRIED, state: "completed" }),
  },
  undoRetryOfFailed: {
    expected: { queued: "failed" },
    attempt: (id) => undo(id, "retry", { ...RETRIED, state: "failed" }),
  },
  undoRetryOfCanceled: {
    expected: { queued: "canceled" },
    attempt: (id) => undo(id, "retry", { ...RETRIED, state: "canceled" }),
  },
  undoRunNow: {
    expected: { queued: "queued" },
    attempt: (id) => undo(id, "runNow", { state: "queued", leaseToken: 1, runAt: "infinity" }),
  },
  undoChange: {
    expected: { queued: "queued" },
    attempt: (id) => undo(id, "change", { state: "queued", leaseToken: 1, priority: 7 }),
  },
};

/** What an undo needs of a job that was retried. */
const RETRIED = { leaseToken: 1, attempts: 3, crashes: 0, runAt: "2026-01-02", endedAt: "2026-01-03" };

/** Undoes a command that has touched the job last, whatever its state is, and found it as `before` says. */
async function undo(id: string, action: string, before: object): Promise<void> {
  const commandId = crypto.randomUUID();
  await pool.query(
    `INSERT INTO millrace.audit_log (command_id, at, who, via, action, changed, before)
     SELECT $1, j.updated_at, 'ada', 'test', $2, 1, jsonb_build_array($3::jsonb || jsonb_build_object('id', j.id))
     FROM millrace.jobs j WHERE j.id = $4`,
    [commandId, action, JSON.stringify(before), id],
  );
  await createQueue(pool, { audit: { who: "ada", via: "test" } }).undo(commandId);
}

describe("every transition, from every state", () => {
  test("the cases cover every transition of the code's table", () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(TRANSITIONS).sort());
  });

  const every = Object.entries(CASES).flatMap(([name, given]) =>
    JOB_STATES.map((from) => ({ name, from, to: given.expected[from], given })),
  );

  test.each(every)("$name from $from leads to $to", async ({ from, to, given }) => {
    const id = await insertJob(pool, { ...given.setup, state: from });
    const bystander = await insertJob(pool, { state: from, queue: "bystander" });
    const before = await rowOf(pool, id);
    const bystanderBefore = await rowOf(pool, bystander);

    await given.attempt(id);

    const after = await rowOf(pool, id);
    expect(after["state"]).toBe(to ?? from);
    if (to === undefined) expect({ ...after, queue: "" }).toEqual({ ...before, queue: "" });
    expect(await rowOf(pool, bystander)).toEqual(bystanderBefore);
  });
});

test("a run that is to be retried fails its job when the attempts are used up, and the caller is told", async () => {
  const last = {
    id: await insertJob(pool, { state: "running", attempts: 1, maxAttempts: 1 }),
    leaseToken: 1,
  };
  const more = {
    id: await insertJob(pool, { state: "running", attempts: 1, maxAttempts: 2 }),
    leaseToken: 1,
  };
  const runAt = (await queue.get(last.id)).runAt;

  const result = await queue.runs.fail(
    [last, more].map((run) => ({ ...run, error: "x", retryInMs: 60_000 })),
  );

  expect(result).toEqual({ retried: [more], failed: [last], canceled: [], released: [], refused: [] });
  expect(await queue.get(last.id)).toMatchObject({ state: "failed", attempts: 1, lastError: "x", runAt });
  expect(await queue.attempts(last.id)).toMatchObject([{ outcome: "failed" }]);
  expect(await queue.get(more.id)).toMatchObject({ state: "queued", attempts: 1 });
  expect(await queue.attempts(more.id)).toMatchObject([{ outcome: "retried" }]);
});
