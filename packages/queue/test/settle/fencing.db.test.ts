import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { insertJob, rowOf } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** A job whose first worker lost its lease and whose second worker runs it now. */
async function takenOver() {
  const name = `lane-${Math.random()}`;
  const id = await insertJob(pool, { queue: name, leaseToken: 0, attempts: 0 });
  const claim = { queues: [name], limit: 1, leaseSeconds: 30 };
  const [stale] = await queue.runs.claim({ ...claim, workerId: "first" });
  await pool.query(
    "UPDATE millrace.claims SET lease_until = now() - interval '1 second' WHERE $1 = ANY(ids)",
    [id],
  );
  await queue.runs.recover();
  const [current] = await queue.runs.claim({ ...claim, workerId: "second" });
  if (stale === undefined || current === undefined) throw new Error("Both claims must get the job");
  return { id, stale, current };
}

describe("a worker that lost its lease", () => {
  test.each([
    ["complete", (lease: { id: string; leaseToken: number }) => queue.runs.complete([lease])],
    [
      "fail",
      async (lease) => (await queue.runs.fail([{ ...lease, error: "late", retryInMs: null }])).refused,
    ],
    ["retry", async (lease) => (await queue.runs.fail([{ ...lease, error: "late", retryInMs: 0 }])).refused],
    ["release", (lease) => queue.runs.release([lease])],
    ["extend", async (lease) => (await queue.runs.extend([lease], 3_600)).refused],
  ] satisfies [string, (lease: { id: string; leaseToken: number }) => Promise<unknown>][])(
    "is refused its %s, is told so, and changes nothing",
    async (_what, write) => {
      const { id, stale, current } = await takenOver();
      const before = await rowOf(pool, id);

      const refused = await write({ id, leaseToken: stale.leaseToken });

      expect(refused).toEqual([{ id, leaseToken: stale.leaseToken }]);
      expect(await rowOf(pool, id)).toEqual(before);
      expect(await queue.attempts(id)).toHaveLength(1);
      expect(await queue.runs.complete([current])).toEqual([]);
    },
  );

  test("gets a token that only grows, over crash, retry and the operator's retry", async () => {
    const { id, stale, current } = await takenOver();
    await queue.runs.fail([{ ...current, error: "x", retryInMs: null }]);
    await queue.retry(id);
    const [third] = await queue.runs.claim({
      queues: [current.queue],
      workerId: "w",
      limit: 1,
      leaseSeconds: 30,
    });

    expect(current.leaseToken).toBeGreaterThan(stale.leaseToken);
    expect(third?.leaseToken).toBeGreaterThan(current.leaseToken);
  });

  test("in a batch, the stale are named and the others are written", async () => {
    const [one, two, three] = [await takenOver(), await takenOver(), await takenOver()];

    const refused = await queue.runs.complete([one.current, two.stale, three.current]);

    expect(refused).toEqual([{ id: two.id, leaseToken: two.stale.leaseToken }]);
    const states = await Promise.all([one, two, three].map(async ({ id }) => (await queue.get(id)).state));
    expect(states).toEqual(["completed", "running", "completed"]);
  });

  test("the same run completed twice in one batch is written once", async () => {
    const { id, current } = await takenOver();

    expect(await queue.runs.complete([current, current])).toEqual([]);
    expect(await queue.runs.complete([current])).toEqual([{ id, leaseToken: current.leaseToken }]);
  });

  test("when a caller holds a lost run and the next of the same job, each is told apart", async () => {
    const { id, stale, current } = await takenOver();
    const lost = { id, leaseToken: stale.leaseToken };

    expect(await queue.runs.extend([stale, current], 60)).toEqual({
      refused: [lost],
      locked: [],
      cancelRequested: [],
    });
    expect(await queue.runs.complete([stale, current])).toEqual([lost]);

    const again = await takenOver();
    const failures = [again.stale, again.current].map((run) => ({ ...run, error: "x", retryInMs: null }));
    expect(await queue.runs.fail(failures)).toEqual({
      retried: [],
      failed: [{ id: again.id, leaseToken: again.current.leaseToken }],
      canceled: [],
      released: [],
      refused: [{ id: again.id, leaseToken: again.stale.leaseToken }],
    });
    const third = await takenOver();
    expect(await queue.runs.release([third.stale, third.current])).toEqual([
      { id: third.id, leaseToken: third.stale.leaseToken },
    ]);
  });

  test("holds no lease that the database forgot: a claim lost in a crash shares no token with the next", async () => {
    const name = `lane-${Math.random()}`;
    const id = await insertJob(pool, { queue: name, leaseToken: 0, attempts: 0 });
    const claim = { queues: [name], limit: 1, leaseSeconds: 30 };
    const [forgotten] = await queue.runs.claim({ ...claim, workerId: "first" });
    // A claim's commit does not wait for the disk; a crash leaves the job as it was, and no claim.
    await pool.query("DELETE FROM millrace.claims WHERE $1 = ANY(ids)", [id]);
    await pool.query("INSERT INTO millrace.waiting_jobs (id, queue, type) VALUES ($1, $2, 't')", [id, name]);
    const [current] = await queue.runs.claim({ ...claim, workerId: "second" });
    const lost = { id, leaseToken: forgotten?.leaseToken ?? 0 };

    expect((await queue.runs.fail([{ ...lost, error: "late", retryInMs: null }])).refused).toEqual([lost]);
    expect(await queue.runs.complete([lost])).toEqual([lost]);
    expect((await queue.runs.extend([lost], 60)).refused).toEqual([lost]);
    expect(await queue.runs.complete(current === undefined ? [] : [current])).toEqual([]);
  });
});
