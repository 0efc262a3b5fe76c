import { rounds } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Job, type Queue } from "../../src/index.ts";
import { placesOf, strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

const ROUNDS = rounds({ usual: 20, long: 60 });

const LARGE = { text: "x".repeat(5_000) };

type Answer = { ok: true; value: unknown } | { ok: false; code: string };

const answerOf = (call: Promise<unknown>): Promise<Answer> =>
  call.then(
    (value) => ({ ok: true, value }) as const,
    (error: { code?: string }) => ({ ok: false, code: error.code ?? String(error) }) as const,
  );

const claimOf = (name: string): Promise<ClaimedJob[]> =>
  queue.runs.claim({ queues: [name], workerId: "w", limit: 10, leaseSeconds: 3_600 });

const leaseOf = ({ id, leaseToken }: ClaimedJob) => ({ id, leaseToken });

/** One race: two calls at once about a new job, and what became of it. */
interface Race {
  /** The answers of both calls, in the order in which they are named. */
  answers: [Answer, Answer];
  /** The job afterwards; null if it is gone. */
  job: Job | null;
}

/**
 * Runs many rounds of a race, each on a job of its own. In every round, the job is in one place or in none, and no row
 * of it is left apart. Returns how often the first call succeeded and how often it was refused.
 */
async function racing(
  begin: (name: string) => Promise<string>,
  calls: [(id: string, name: string) => Promise<unknown>, (id: string, name: string) => Promise<unknown>],
  check: (race: Race) => void,
): Promise<{ won: number; lost: number }> {
  const seen = { won: 0, lost: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `race-${round}`;
    const id = await begin(name);
    // Each call is the first to be sent in half of the rounds.
    const sent: Promise<Answer>[] = [];
    for (const n of round % 2 === 0 ? [0, 1] : [1, 0]) sent[n] = answerOf(calls[n === 0 ? 0 : 1](id, name));
    const [first, second] = await Promise.all(sent);
    if (first === undefined || second === undefined) throw new Error("both calls answer");
    const job = await queue.get(id).catch(() => null);
    check({ answers: [first, second], job });
    expect((await placesOf(pool, [id])).get(id)).toHaveLength(job === null ? 0 : 1);
    seen[first.ok ? "won" : "lost"] += 1;
  }
  expect(await strayRows(pool)).toEqual([]);
  return seen;
}

const enqueued = async (name: string, delayMs = 0) =>
  (await queue.enqueue("t", "old", { queue: name, idempotencyKey: name, delayMs })).id;

const delayed = (name: string) => enqueued(name, 3_600_000);

const ended = (state: "completed" | "failed" | "canceled") => async (name: string) => {
  const id = await enqueued(name);
  if (state === "canceled") await queue.cancel(id);
  else {
    const runs = await claimOf(name);
    if (state === "completed") await queue.runs.complete(runs.map(leaseOf));
    else await queue.runs.fail(runs.map((run) => ({ ...leaseOf(run), error: "x", retryInMs: null })));
  }
  return id;
};

/** A job whose run has crashed: its lease is over. */
async function expired(name: string): Promise<string> {
  const id = await enqueued(name);
  await claimOf(name);
  await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 second' WHERE queue = $1", [
    name,
  ]);
  return id;
}

const change = (id: string) => queue.change(id, { payload: LARGE, idempotencyKey: `${id}-new` });

describe("a change of a job", () => {
  test("and a claim: the run gets the whole changed job, or the change is refused", async () => {
    const claimed = new Map<string, ClaimedJob>();
    const claim = async (_id: string, name: string) => {
      for (const run of await claimOf(name)) claimed.set(run.id, run);
    };
    await racing(enqueued, [change, claim], ({ answers: [changed], job }) => {
      const run = claimed.get(job?.id ?? "");
      if (!changed.ok) expect(changed.code).toBe("JOB_STATE");
      if (run === undefined) expect(job).toMatchObject({ state: "queued", payload: LARGE });
      else expect(run.payload).toEqual(changed.ok ? LARGE : "old");
      expect(job?.idempotencyKey).toBe(changed.ok ? `${job?.id}-new` : job?.queue);
    });
  });

  test("and a cancel: both happen, or the change is refused", async () => {
    await racing(delayed, [change, (id) => queue.cancel(id)], ({ answers: [changed, canceled], job }) => {
      expect(canceled).toEqual({ ok: true, value: "canceled" });
      if (!changed.ok) expect(changed.code).toBe("JOB_STATE");
      expect(job).toMatchObject({ state: "canceled", payload: changed.ok ? LARGE : "old" });
    });
  });

  test("and a deletion: no row is left apart", async () => {
    const remove = async (id: string) => (await queue.deleteMany({ ids: [id] })).changed;
    await racing(delayed, [change, remove], ({ answers: [changed, deleted], job }) => {
      expect(deleted.ok).toBe(true);
      const isDeleted = deleted.ok && deleted.value === 1;
      if (!changed.ok) expect([changed.code, isDeleted]).toEqual(["JOB_NOT_FOUND", true]);
      if (isDeleted) expect(job).toBeNull();
      else expect(job?.payload).toEqual(LARGE);
    });
  });

  test("and a replacement by its old key: each writes a whole job", async () => {
    const replace = (_id: string, name: string) =>
      queue.enqueue("t", "replaced", {
        queue: name,
        idempotencyKey: name,
        onDuplicate: "replace",
        delayMs: 3_600_000,
      });
    await racing(delayed, [change, replace], ({ answers: [changed, replaced], job }) => {
      expect([changed.ok, replaced.ok]).toEqual([true, true]);
      // Either the replacement came first, or it found the key free and made a job of its own.
      expect(job).toMatchObject({ payload: LARGE, idempotencyKey: `${job?.id}-new` });
    });
    const jobs = await queue.list({ payloadContains: "replaced", limit: 1_000 });
    for (const job of jobs) expect(job.idempotencyKey).toBe(job.queue);
  });

  test("to a key that another call takes: one of them gets the key", async () => {
    const take = (id: string) =>
      queue.enqueue("t", "taker", { idempotencyKey: `${id}-new`, onDuplicate: "error" });
    const seen = await racing(delayed, [change, take], ({ answers: [changed, taken], job }) => {
      expect([changed, taken].filter(({ ok }) => ok)).toHaveLength(1);
      expect([changed, taken].find(({ ok }) => !ok)).toEqual({ ok: false, code: "DUPLICATE_JOB" });
      expect(job).toMatchObject(
        changed.ok ? { payload: LARGE } : { payload: "old", idempotencyKey: job?.queue },
      );
    });
    expect(seen.won + seen.lost).toBe(ROUNDS);
  });
});

describe("running a job now", () => {
  const runNow = (id: string) => queue.runNow(id);

  test("and a claim: the job runs once, whoever comes first", async () => {
    await racing(delayed, [runNow, (_id, name) => claimOf(name)], ({ answers: [due, claim], job }) => {
      expect(due).toEqual({ ok: true, value: undefined });
      const runs = claim.ok ? (claim.value as ClaimedJob[]) : [];
      expect(job).toMatchObject({ state: runs.length === 1 ? "running" : "queued", attempts: runs.length });
    });
  });

  test("and a cancel: the job ends as canceled", async () => {
    await racing(delayed, [runNow, (id) => queue.cancel(id)], ({ answers: [due, canceled], job }) => {
      expect(canceled).toEqual({ ok: true, value: "canceled" });
      if (!due.ok) expect(due.code).toBe("JOB_STATE");
      expect(job?.state).toBe("canceled");
    });
  });

  test("and recovery: the recovered job is due, or the call is refused because the job runs", async () => {
    await racing(expired, [runNow, () => queue.runs.recover()], ({ answers: [due], job }) => {
      if (!due.ok) expect(due.code).toBe("JOB_STATE");
      expect(job).toMatchObject({ state: "queued", crashes: 1 });
    });
  });

  test("and itself: both succeed", async () => {
    await racing(delayed, [runNow, runNow], ({ answers, job }) => {
      expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
      expect(job?.runAt?.getTime()).toBeLessThanOrEqual(Date.now());
    });
  });
});

describe.each(["completed", "failed", "canceled"] as const)("a retry of a job that is %s", (state) => {
  const retry = (id: string) => queue.retry(id);

  test("and itself: one of them queues the job", async () => {
    await racing(ended(state), [retry, retry], ({ answers, job }) => {
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, code: "JOB_STATE" });
      expect(job).toMatchObject({ state: "queued", attempts: 0, output: null });
    });
  });

  test("and a deletion: the answer says what happened", async () => {
    const remove = async (id: string) => (await queue.deleteMany({ ids: [id] })).changed;
    await racing(ended(state), [retry, remove], ({ answers: [retried, deleted], job }) => {
      const isDeleted = deleted.ok && deleted.value === 1;
      if (!retried.ok) expect([retried.code, isDeleted]).toEqual(["JOB_NOT_FOUND", true]);
      expect(job?.state ?? "gone").toBe(isDeleted ? "gone" : "queued");
    });
  });

  test("and a claim: the job runs at most once", async () => {
    await racing(
      ended(state),
      [retry, (_id, name) => claimOf(name)],
      ({ answers: [retried, claim], job }) => {
        expect(retried).toEqual({ ok: true, value: undefined });
        const runs = claim.ok ? (claim.value as ClaimedJob[]).length : 0;
        expect(job).toMatchObject({ state: runs === 1 ? "running" : "queued", attempts: runs });
      },
    );
  });

  test("and an enqueue of its key, whose scope is over: one job has the key", async () => {
    const scoped = async (name: string) => {
      const id = (await queue.enqueue("t", "old", { queue: name, idempotencyKey: name, keyScope: "active" }))
        .id;
      const runs = await claimOf(name);
      await queue.runs.complete(runs.map(leaseOf));
      return id;
    };
    const take = (_id: string, name: string) =>
      queue.enqueue("t", "new", { queue: name, idempotencyKey: name, keyScope: "active" });
    await racing(scoped, [retry, take], ({ answers: [retried, taken], job }) => {
      expect([retried.ok, taken.ok]).toEqual([true, true]);
      const holder = taken.ok ? (taken.value as { id: string }).id : "";
      expect(job?.idempotencyKey).toBe(holder === job?.id ? job.queue : null);
    });
  });
});
