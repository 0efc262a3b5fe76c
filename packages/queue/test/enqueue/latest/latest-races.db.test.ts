import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { createQueue } from "../../../src/index.ts";
import { HAS_CHORES } from "../../../src/wake/waiting-chores.sql.ts";
import { openTransaction } from "../../open-transaction.ts";
import { useLatest } from "./use-latest.ts";

const files = useLatest();

/** Waits until a session of the database waits for another. */
async function untilBlocked(): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await files.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`,
      );
      return rows.length > 0;
    },
    { description: "a session that waits" },
  );
}

describe("an end that does not see the follower", () => {
  test("because its enqueue had not committed: recovery makes the follower due", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    await using transaction = await openTransaction(files.pool);
    const { id } = await files.queue.enqueue("t", 2, {
      queue: jobs.key,
      latest: { key: jobs.key },
      tx: transaction.client,
    });

    await files.queue.runs.complete([run]);
    await transaction.end("COMMIT");

    expect(await jobs.claim()).toEqual([]);
    await files.queue.runs.recover();
    expect(await jobs.claim()).toMatchObject([{ id, payload: 2 }]);
  });

  test("because it is being overwritten: nobody waits for that transaction, and recovery makes it due", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    const { id } = await jobs.enqueue(2);
    await using transaction = await openTransaction(files.pool);
    const tx = transaction.client;
    await files.queue.enqueue("t", 3, { queue: jobs.key, latest: { key: jobs.key }, tx });

    // Were this to wait for the transaction, it would wait for ever: the transaction ends after it.
    expect(await files.queue.runs.complete([run])).toEqual([]);
    await files.queue.runs.recover();
    await transaction.end("COMMIT");

    await files.queue.runs.recover();
    expect(await jobs.claim()).toMatchObject([{ id, payload: 3 }]);
  });

  test("because it began before: an enqueue that commits after the end makes its job due by itself", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    // The enqueue waits for the row of the key while the first job ends.
    await using transaction = await openTransaction(files.pool);
    await transaction.client.query("SELECT FROM millrace.job_keys WHERE key = $1 FOR UPDATE", [jobs.key]);
    const enqueuing = jobs.enqueue(2);
    await untilBlocked();
    await files.queue.runs.complete([run]);
    await transaction.end("COMMIT");

    const { id } = await enqueuing;

    expect(await jobs.claim()).toMatchObject([{ id, payload: 2 }]);
  });
});

describe("enqueues at once", () => {
  test("50 enqueues from 10 queues during a run make one follower", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(0);
    const queues = Array.from({ length: 10 }, () => createQueue(files.pool));

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        queues[n % 10]?.enqueue("t", n, { queue: jobs.key, latest: { key: jobs.key } }),
      ),
    );

    expect(new Set(results.map((result) => result?.id)).size).toBe(1);
    expect(results.filter((result) => result?.outcome === "enqueued")).toHaveLength(1);
    await files.queue.runs.complete([run]);
    expect(await jobs.claim()).toHaveLength(1);
  });

  test("an enqueue that loses its key to another follower overwrites that follower", async () => {
    const jobs = files.keyed();
    await jobs.begin(1);
    await using transaction = await openTransaction(files.pool);
    const options = { queue: jobs.key, latest: { key: jobs.key } };
    const first = await files.queue.enqueue("t", 2, { ...options, tx: transaction.client });
    const second = jobs.enqueue(3);
    await untilBlocked();
    await transaction.end("COMMIT");

    expect(await second).toEqual({ id: first.id, outcome: "replaced" });
    expect((await files.queue.get(first.id)).payload).toBe(3);
  });

  test("a follower whose transaction is rolled back leaves the key to the first job", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    await using transaction = await openTransaction(files.pool);
    const options = { queue: jobs.key, latest: { key: jobs.key }, tx: transaction.client };
    await files.queue.enqueue("t", 2, options);
    await transaction.end("ROLLBACK");

    expect((await files.queue.get(run.id)).idempotencyKey).toBe(jobs.key);
    expect((await jobs.enqueue(3)).outcome).toBe("enqueued");
    expect(await jobs.claim()).toEqual([]);
  });
});

test("settings that SQL gave a job in place of an id are nobody's follower, and stop no recovery", async () => {
  const { rows } = await files.pool.query(
    `INSERT INTO millrace.jobs (type, queue, run_at, settings)
     VALUES ('t', 'odd', 'infinity', '{"after": "x"}') RETURNING id`,
  );

  await files.queue.runs.recover();

  expect((await files.queue.get(rows[0].id)).state).toBe("queued");
});

test("recovery looks for its chores by their indexes, however many jobs wait", async () => {
  await files.pool.query(
    "INSERT INTO millrace.waiting_jobs (type, queue) SELECT 't', 'many' FROM generate_series(1, 20000)",
  );
  await files.pool.query("ANALYZE millrace.waiting_jobs");

  const { rows } = await files.pool.query(`EXPLAIN SELECT ${HAS_CHORES}`);

  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("waiting_jobs_start_by_idx");
  expect(plan).toContain("waiting_jobs_after_idx");
  expect(plan).not.toContain("Seq Scan on waiting_jobs");
});
