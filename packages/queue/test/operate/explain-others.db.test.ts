import { randomUUID } from "node:crypto";
import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { findOldTransaction } from "../../src/operate/old-transaction.sql.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const reasonsOf = async (id: string) => (await workers.queue.explain(id)).reasons;

describe("where a running job runs", () => {
  test("its worker, since when, in which attempt, and until when the lease lasts", async () => {
    const [queue, type, workerId] = [randomUUID(), randomUUID(), randomUUID()];
    const held = heldHandler();
    workers.start([anyTask(type, held.run)], { queues: [queue], workerId });
    const { id } = await workers.queue.enqueue(type, {}, { queue, maxAttempts: 4 });
    await waitFor(() => held.begun.length === 1, { description: "the job runs" });

    expect(await reasonsOf(id)).toMatchObject([
      {
        code: "running",
        workerId,
        startedAt: expect.any(Date),
        leaseUntil: expect.any(Date),
        attempt: 1,
        maxAttempts: 4,
      },
    ]);
    held.release();
  });

  test("a requested cancel, a lease that ended, and a worker that nobody sees", async () => {
    const id = await insertJob(workers.pool, { state: "running", cancelRequested: true, leaseInSeconds: -5 });

    const reasons = await reasonsOf(id);

    expect(reasons.map(({ code }) => code)).toEqual([
      "running",
      "cancel-requested",
      "lease-ended",
      "worker-not-seen",
    ]);
    expect(reasons[3]).toMatchObject({ workerId: "worker-of-the-test", seenAt: null });
    await workers.pool.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, seen_at)
       VALUES ('worker-of-the-test', '{}', '{}', now() - interval '1 minute')`,
    );
    expect((await reasonsOf(id))[3]).toMatchObject({ code: "worker-not-seen", seenAt: expect.any(Date) });
  });

  test("a suspect that was claimed, and has not begun", async () => {
    const id = await insertJob(workers.pool, { state: "running", crashes: 3 });
    await workers.pool.query("UPDATE millrace.claims SET begun_at = NULL WHERE $1 = ANY(ids)", [id]);

    expect((await reasonsOf(id))[0]).toMatchObject({ code: "waits-to-run-alone", crashes: 3 });
  });
});

describe("what became of a job", () => {
  const end = (id: string, error: string | null) =>
    workers.pool.query("UPDATE millrace.ended_jobs SET last_error = $2 WHERE id = $1", [id, error]);

  test("when it ended and why, and how long it is kept: what the job says, else its queue", async () => {
    const queue = randomUUID();
    const completed = await insertJob(workers.pool, { state: "completed", queue });
    const failed = await insertJob(workers.pool, { state: "failed", queue, attempts: 3, crashes: 1 });
    const canceled = await insertJob(workers.pool, { state: "canceled", queue });
    await end(failed, "Error: last\n    at x");

    expect(await reasonsOf(completed)).toMatchObject([
      { code: "completed", at: (await workers.queue.get(completed)).completedAt, attempts: 1 },
      { code: "kept", retentionMs: null, until: null, from: null },
    ]);
    expect(await reasonsOf(canceled)).toMatchObject([{ code: "canceled" }, { code: "kept" }]);

    await workers.queue.setQueue(queue, { retentionMs: 60_000 });
    const { updatedAt } = await workers.queue.get(failed);
    expect(await reasonsOf(failed)).toMatchObject([
      { code: "failed", at: updatedAt, attempts: 3, maxAttempts: 3, crashes: 1, lastError: "Error: last" },
      { code: "kept", retentionMs: 60_000, until: new Date(updatedAt.getTime() + 60_000), from: "queue" },
    ]);

    await workers.pool.query(`UPDATE millrace.ended_jobs SET settings = '{"retentionMs": 5}' WHERE id = $1`, [
      failed,
    ]);
    expect((await reasonsOf(failed))[1]).toMatchObject({ code: "kept", retentionMs: 5, from: "job" });
  });

  test("it had not started in time", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    const { id } = await workers.queue.enqueue(type, {}, { queue, startBy: new Date(1) });
    // The worker's recovery cancels the job; no worker could run it.
    workers.start([anyTask("t", () => {})], { queues: [randomUUID()] });
    await workers.untilState(id, "canceled");

    expect((await reasonsOf(id))[0]).toMatchObject({ code: "not-started-in-time", startBy: new Date(1) });
  });
});

test("an old transaction that holds back the cleaning up is told, of any job that has not ended", async () => {
  await using old = await openTransaction(workers.pool);
  await old.client.query("SET LOCAL application_name = 'the old one'");
  await old.client.query("SELECT pg_current_xact_id()");
  const { rows } = await old.client.query("SELECT pg_backend_pid() AS pid, now() AS since");

  const found = await findOldTransaction(workers.pool, 0);

  expect(found).toMatchObject({
    code: "old-transaction",
    pid: rows[0].pid,
    applicationName: "the old one",
    state: "idle in transaction",
    since: rows[0].since,
    queryStart: expect.any(Date),
  });
  expect(await findOldTransaction(workers.pool, 3_600_000)).toBeNull();
  const { pid, since } = rows[0];
  expect(await workers.queue.oldTransactions({ olderThanMs: 0 })).toContainEqual({
    ...{ pid, since, applicationName: "the old one", state: "idle in transaction" },
    ...{ user: expect.any(String), ageMs: expect.any(Number), queryStart: expect.any(Date) },
    query: "SELECT pg_backend_pid() AS pid, now() AS since",
  });
  expect(await workers.queue.oldTransactions({ olderThanMs: 3_600_000 })).toEqual([]);

  // A minute is too long for a test: here, every transaction is old.
  const impatient = createQueue({
    query: (text, values) =>
      workers.pool.query(
        text,
        text.includes("pg_stat_activity a") && values?.[0] === 60_000 ? [0, 1] : values,
      ),
  });
  for (const [state, code] of [
    ["queued", "old-transaction"],
    ["running", "old-transaction"],
    ["completed", "kept"],
  ] as const) {
    const last = (await impatient.explain(await insertJob(workers.pool, { state }))).reasons.at(-1);
    expect(last).toMatchObject({ code });
    if (code === "old-transaction") expect(last?.text).toContain("A transaction (the old one, pid ");
  }
});

test("a job that is not there cannot be explained", async () => {
  await expect(workers.queue.explain(randomUUID())).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
});
