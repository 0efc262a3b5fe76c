import { sqlStateOf } from "@millrace/base";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { type OpenTransaction, openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  // PostgreSQL looks for a deadlock once, so long after a wait began: the test must close the circle before.
  pool = database.pool({ options: "-c deadlock_timeout=3s" });
  queue = createQueue(pool);
});

/**
 * A key that has expired, which another transaction has locked, and which comes before a key that is free. That
 * transaction never is the one that PostgreSQL ends.
 */
async function lockedExpiredKey(): Promise<{ a: string; b: string; other: OpenTransaction }> {
  const name = crypto.randomUUID();
  const a = `a-${name}`;
  await queue.enqueue("old", {}, { queue: name, idempotencyKey: a, keyScope: "queued" });
  await queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 600 });
  const other = await openTransaction(pool);
  await other.client.query("SET LOCAL deadlock_timeout = '10 min'");
  await other.client.query("SELECT FROM millrace.job_keys WHERE key = $1 FOR UPDATE", [a]);
  return { a, b: `b-${name}`, other };
}

/** The other transaction takes the second key, which the call has, while the call waits for the first. */
async function closeTheCircle({ other, b }: { other: OpenTransaction; b: string }): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
      );
      return rows.length > 0;
    },
    { description: "the call to wait for the first key" },
  );
  await other.client.query("INSERT INTO millrace.job_keys (key, job_id) VALUES ($1, gen_random_uuid())", [b]);
  await other.end("ROLLBACK");
}

const jobsOf = ({ a, b }: { a: string; b: string }) =>
  [b, a].map((key) => ({ type: "new", idempotencyKey: key, keyScope: "queued" as const }));

test("an array in a transaction of its own is written again after a deadlock", async () => {
  const keys = await lockedExpiredKey();
  const enqueuing = queue.enqueueMany(jobsOf(keys));

  await closeTheCircle(keys);

  const results = await enqueuing;
  expect(results.map(({ outcome }) => outcome)).toEqual(["enqueued", "enqueued"]);
  for (const { id } of results) expect((await queue.get(id)).state).toBe("queued");
});

test("an array in the caller's transaction throws the deadlock, and has written nothing", async () => {
  const keys = await lockedExpiredKey();
  await using transaction = await openTransaction(pool);
  const enqueuing = queue
    .enqueueMany(jobsOf(keys), { tx: transaction.client })
    .catch((error: unknown) => error);

  await closeTheCircle(keys);

  expect(sqlStateOf(await enqueuing)).toBe("40P01");
  await transaction.end("COMMIT");
  const { rows } = await pool.query("SELECT FROM millrace.job_keys WHERE key = $1", [keys.b]);
  expect(rows).toEqual([]);
});
