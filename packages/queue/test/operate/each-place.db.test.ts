import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Job, type Queue } from "../../src/index.ts";
import { PLACES, type Place, placesOf, putInto, strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** A job after an operation: `same` as before, `gone`, or what is different. */
type After = "same" | "gone" | Partial<Job> | { isDue: true; attempts: number; state?: "queued" };

/** What an operation answers, or the code of its error, and the job afterwards. */
type Outcome = readonly [answer: unknown, after: After];

const NOT_FOUND: Outcome = ["JOB_NOT_FOUND", "gone"];
const REFUSED: Outcome = ["JOB_STATE", "same"];
const CANCELED: Outcome = ["canceled", { state: "canceled" }];
const AGAIN: Outcome = [undefined, { isDue: true, attempts: 0 }];

/** The outcomes of an operation that no place of these allows. */
const each = <Name extends Place>(places: readonly Name[], outcome: Outcome) =>
  Object.fromEntries(places.map((place) => [place, outcome])) as Record<Name, Outcome>;

const QUEUED = ["due", "delayed", "in backoff", "waiting for another job"] as const;
const RUNNING = ["running alone", "running in a shared claim", "running, cancel requested"] as const;
const ENDED = ["completed", "failed", "canceled"] as const;
const NOWHERE = ["deleted", "never there"] as const;

const CHANGED = { priority: 7, payload: { n: 2 }, tags: ["fixed"] };

interface Operation {
  run(id: string): Promise<unknown>;
  expected: Record<Place, Outcome>;
}

const OPERATIONS: Record<string, Operation> = {
  cancel: {
    run: (id) => queue.cancel(id),
    expected: {
      ...each(QUEUED, CANCELED),
      ...each(RUNNING, ["cancel-requested", { state: "running", cancelRequestedAt: expect.any(Date) }]),
      ...each(ENDED, REFUSED),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  retry: {
    run: (id) => queue.retry(id),
    expected: {
      ...each(QUEUED, REFUSED),
      ...each(RUNNING, REFUSED),
      ...each(ENDED, AGAIN),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  runNow: {
    run: (id) => queue.runNow(id),
    expected: {
      due: [undefined, "same"],
      delayed: [undefined, { isDue: true, attempts: 0 }],
      "in backoff": [undefined, { isDue: true, attempts: 1 }],
      "waiting for another job": REFUSED,
      ...each(RUNNING, REFUSED),
      ...each(ENDED, REFUSED),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  change: {
    run: async (id) => (await queue.change(id, CHANGED)).state,
    expected: {
      ...each(QUEUED, ["queued", { ...CHANGED, state: "queued" }]),
      ...each(RUNNING, REFUSED),
      ...each(ENDED, REFUSED),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  "change of the time": {
    run: async (id) => (await queue.change(id, { delayMs: 0 })).state,
    expected: {
      due: ["queued", { isDue: true, attempts: 0 }],
      delayed: ["queued", { isDue: true, attempts: 0 }],
      "in backoff": ["queued", { isDue: true, attempts: 1 }],
      "waiting for another job": REFUSED,
      ...each(RUNNING, REFUSED),
      ...each(ENDED, REFUSED),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  get: {
    run: async (id) => (await queue.get(id)).id === id,
    expected: {
      ...each(QUEUED, [true, "same"]),
      ...each(RUNNING, [true, "same"]),
      ...each(ENDED, [true, "same"]),
      ...each(NOWHERE, NOT_FOUND),
    },
  },
  list: {
    run: async (id) => (await queue.list({ ids: [id] })).length,
    expected: {
      ...each(QUEUED, [1, "same"]),
      ...each(RUNNING, [1, "same"]),
      ...each(ENDED, [1, "same"]),
      ...each(NOWHERE, [0, "gone"]),
    },
  },
  cancelMany: {
    run: (id) => bulk("cancelMany", id),
    expected: {
      ...each(QUEUED, [1, { state: "canceled" }]),
      ...each(RUNNING, [1, { state: "running", cancelRequestedAt: expect.any(Date) }]),
      ...each(ENDED, [0, "same"]),
      ...each(NOWHERE, [0, "gone"]),
    },
  },
  retryMany: {
    run: (id) => bulk("retryMany", id),
    expected: {
      ...each(QUEUED, [0, "same"]),
      ...each(RUNNING, [0, "same"]),
      completed: [0, "same"],
      failed: [1, { isDue: true, attempts: 0 }],
      canceled: [1, { isDue: true, attempts: 0 }],
      ...each(NOWHERE, [0, "gone"]),
    },
  },
  runNowMany: {
    run: (id) => bulk("runNowMany", id),
    expected: {
      due: [0, "same"],
      delayed: [1, { isDue: true, attempts: 0 }],
      "in backoff": [1, { isDue: true, attempts: 1 }],
      "waiting for another job": [0, "same"],
      ...each(RUNNING, [0, "same"]),
      ...each(ENDED, [0, "same"]),
      ...each(NOWHERE, [0, "gone"]),
    },
  },
  deleteMany: {
    run: (id) => bulk("deleteMany", id),
    expected: {
      ...each(QUEUED, [1, "gone"]),
      ...each(RUNNING, [0, "same"]),
      ...each(ENDED, [1, "gone"]),
      ...each(NOWHERE, [0, "gone"]),
    },
  },
};

/** The codes of errors, by the SQLSTATEs of the functions. */
const CODES: Record<string, string> = { P0002: "JOB_NOT_FOUND", "55000": "JOB_STATE" };

/** The functions for people in psql do what the commands do. Their errors have SQLSTATEs in place of codes. */
for (const [name, command] of [
  ["cancel_job", "cancel"],
  ["retry_job", "retry"],
  ["run_job_now", "runNow"],
] as const) {
  OPERATIONS[`millrace.${name}`] = {
    run: async (id) => {
      const answer = await pool.query(`SELECT millrace.${name}($1) AS answer`, [id]).catch((error) => {
        throw Object.assign(new Error(error.message), { code: CODES[error.code] ?? error.code });
      });
      return answer.rows[0].answer === "queued" ? undefined : answer.rows[0].answer;
    },
    expected: OPERATIONS[command]?.expected ?? each(PLACES, NOT_FOUND),
  };
}

/** How many jobs a command on many jobs has changed. A dry run before tells the same. */
async function bulk(
  command: "cancelMany" | "retryMany" | "runNowMany" | "deleteMany",
  id: string,
): Promise<number> {
  const dry = await queue[command]({ ids: [id] }, { dryRun: true });
  const wet = await queue[command]({ ids: [id] });
  expect(dry).toEqual(wet);
  return wet.changed + ("cancelRequested" in wet ? (wet.cancelRequested as number) : 0);
}

const jobOf = (id: string): Promise<Job | null> => queue.get(id).catch(() => null);

const answerOf = (run: Promise<unknown>) =>
  run.catch((error: { code?: string }) => error.code ?? String(error));

describe.each(Object.entries(OPERATIONS))("%s", (_name, { run, expected }) => {
  test.each(PLACES)("of a job that is %s", async (place) => {
    const id = await putInto(place, queue);
    const before = await jobOf(id);
    const [answer, after] = expected[place];

    expect(await answerOf(run(id))).toEqual(answer);

    const job = await jobOf(id);
    if (after === "same") expect(job).toEqual(before);
    else if (after === "gone") expect(job).toBeNull();
    else if ("isDue" in after) {
      expect(job).toMatchObject({ state: "queued", attempts: after.attempts, output: null });
      expect(job?.runAt?.getTime()).toBeLessThanOrEqual(Date.now());
      expect(job?.payload).toEqual(before?.payload);
    } else expect(job).toMatchObject(after);
    expect((await placesOf(pool, [id])).get(id)).toHaveLength(after === "gone" ? 0 : 1);
    // Every job has a key, and keeps it in every place, until it is deleted.
    const holder = before === null ? null : await queue.findByKey(before.queue);
    if (job !== null) expect(holder?.id).toBe(id);
    else expect(holder?.id).not.toBe(id);
    expect(await strayRows(pool)).toEqual([]);
  });
});

test("an operation that must wait for the end of another job names that job", async () => {
  const id = await putInto("waiting for another job", queue);
  const { rows } = await pool.query(
    "SELECT settings ->> 'after' AS first FROM millrace.waiting_jobs WHERE id = $1",
    [id],
  );
  const waits = { name: "JobWaitsError", code: "JOB_STATE", jobId: id, waitsFor: rows[0].first };

  await expect(queue.runNow(id)).rejects.toMatchObject(waits);
  await expect(queue.change(id, { runAt: new Date() })).rejects.toMatchObject(waits);
  await expect(queue.change(id, { idempotencyKey: null })).rejects.toMatchObject(waits);
  await queue.cancel(id);
  await expect(queue.retry(id)).rejects.toMatchObject(waits);
  expect(await queue.retryMany({ ids: [id] })).toMatchObject({ changed: 0, skipped: 0 });

  const { id: firstId, leaseToken } = await queue.get(rows[0].first);
  await queue.runs.complete([{ id: firstId, leaseToken }]);
  await queue.retry(id);
  expect((await queue.get(id)).state).toBe("queued");
  const { rows: again } = await pool.query("SELECT settings FROM millrace.waiting_jobs WHERE id = $1", [id]);
  expect(again).toEqual([{ settings: null }]);
});

test("a time to start by that is over or was met holds no longer after a retry or runNow", async () => {
  const startBy = new Date(Date.now() - 60_000);
  const delayed = (await queue.enqueue("t", {}, { startBy, delayMs: 3_600_000, tags: ["kept"] })).id;
  const canceled = (await queue.enqueue("t", {}, { startBy, tags: ["kept"] })).id;
  await queue.cancel(canceled);

  // A time to start by holds for the first start, which was in time.
  const started = await putInto("failed", queue);
  await pool.query("UPDATE millrace.ended_jobs SET settings = $2 WHERE id = $1", [
    started,
    { startBy: Date.now() + 3_600_000, tags: ["kept"] },
  ]);

  await queue.runNow(delayed);
  await queue.retry(canceled);
  await queue.retry(started);

  for (const id of [delayed, canceled, started]) {
    expect(await queue.get(id)).toMatchObject({ state: "queued", startBy: null, tags: ["kept"] });
  }
});
