import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Executor, JobReason } from "../../src/index.ts";
import { readQueuedFacts } from "../../src/operate/queued-facts.sql.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";
import { useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const codesOf = (reasons: readonly JobReason[]) => reasons.map(({ code }) => code);

async function explain(id: string): Promise<JobReason[]> {
  const { job, reasons } = await workers.queue.explain(id);
  expect(job.id).toBe(id);
  for (const { text } of reasons) expect(text).toMatch(/^[A-Z].{10,}$/);
  return reasons;
}

/** A row of a living worker that runs nothing: it never claims. */
async function livingWorker(queues: readonly string[], types: readonly string[]): Promise<string> {
  const id = randomUUID();
  await workers.pool.query("INSERT INTO millrace.workers (worker_id, queues, types) VALUES ($1, $2, $3)", [
    id,
    queues,
    types,
  ]);
  return id;
}

describe("why a queued job is not running", () => {
  test("no worker claims from its queue; then none has its task; then nothing holds it back", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    const { id } = await workers.queue.enqueue(type, {}, { queue });
    expect(await explain(id)).toMatchObject([{ code: "no-worker-for-queue", queue }]);

    await livingWorker([queue], ["other"]);
    expect(await explain(id)).toMatchObject([{ code: "no-worker-for-type", queue, type, workers: 1 }]);

    await livingWorker([queue], [type]);
    expect(await explain(id)).toMatchObject([{ code: "due-now", workers: 1 }]);
  });

  test("its time, its pause and its start-by instant are told together", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const { id } = await workers.queue.enqueue(
      type,
      {},
      { queue, delayMs: 3_600_000, startWithinMs: 60_000 },
    );
    await workers.queue.pause(queue);

    const reasons = await explain(id);

    expect(codesOf(reasons)).toEqual(["not-due", "queue-paused", "start-by"]);
    const job = await workers.queue.get(id);
    expect(reasons).toMatchObject([{ runAt: job.runAt }, { queue }, { startBy: job.startBy }]);
    const [notDue] = reasons;
    expect(notDue?.code === "not-due" ? notDue.dueInMs : 0).toBeGreaterThan(3_000_000);
  });

  test("it backs off after an error", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const { id } = await workers.queue.enqueue(type, {}, { queue, maxAttempts: 4 });
    const [run] = await workers.queue.runs.claim({
      queues: [queue],
      workerId: "w",
      limit: 1,
      leaseSeconds: 60,
    });
    await workers.queue.runs.fail([
      { id, leaseToken: run?.leaseToken ?? 0, error: "Error: no\nmore", retryInMs: 90_000 },
    ]);

    expect(await explain(id)).toMatchObject([
      { code: "backing-off", attempts: 1, maxAttempts: 4, crashes: 0, lastError: "Error: no" },
    ]);
  });

  test("it waits for another job of its key, and for none any more", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const first = await insertJob(workers.pool, { queue, type, state: "running" });
    const second = await insertJob(workers.pool, { queue, type });
    const setAfter = (after: string | null) =>
      workers.pool.query(
        `UPDATE millrace.waiting_jobs SET run_at = 'infinity', settings = nullif(jsonb_build_object('after', $2::text),
           '{"after": null}') WHERE id = $1`,
        [second, after],
      );

    await setAfter(first);
    expect(await explain(second)).toMatchObject([{ code: "waits-for-job", jobId: first, state: "running" }]);
    await setAfter(randomUUID());
    expect(await explain(second)).toMatchObject([{ code: "waits-for-job", state: null }]);
    await setAfter("nonsense");
    expect(await explain(second)).toMatchObject([{ code: "waits-for-job", state: null }]);
    await setAfter(null);
    expect(await explain(second)).toMatchObject([{ code: "no-run-at" }]);
  });

  test("workers are busy, and due jobs of known types come first, in its lane and in lanes before", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    const workerId = await livingWorker([queue], [type]);
    const running = await insertJob(workers.pool, { queue, type, state: "running" });
    await workers.pool.query("UPDATE millrace.claims SET worker_id = $1 WHERE $2 = ANY(ids)", [
      workerId,
      running,
    ]);
    const behind = { queue, type, attempts: 0 };
    await insertJob(workers.pool, { ...behind, priority: 5, runInSeconds: -20 });
    await insertJob(workers.pool, { ...behind, priority: 9, runInSeconds: -20 });
    await insertJob(workers.pool, { ...behind, priority: 9, runInSeconds: -20, type: "unknown" });
    await insertJob(workers.pool, { ...behind, priority: 9, runInSeconds: 100 });
    const id = await insertJob(workers.pool, { ...behind, priority: 9, runInSeconds: -10 });
    await insertJob(workers.pool, { ...behind, priority: 9, runInSeconds: -5 });
    await insertJob(workers.pool, { ...behind, priority: 10, runInSeconds: -20 });

    expect(await explain(id)).toMatchObject([
      { code: "workers-busy", workers: 1, running: 1, before: 2, beforeIsCut: false },
    ]);
  });

  test("a suspect runs alone, and one that had to start before now does not start", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const suspect = await insertJob(workers.pool, { queue, type, crashes: 2 });
    const late = await insertJob(workers.pool, { queue, type });
    await workers.pool.query(`UPDATE millrace.waiting_jobs SET settings = '{"startBy": 1}' WHERE id = $1`, [
      late,
    ]);

    expect((await explain(suspect)).at(-1)).toMatchObject({ code: "suspect", crashes: 2 });
    expect(await explain(late)).toMatchObject([{ code: "start-by-passed", startBy: new Date(1) }]);
  });

  test("a transaction has locked it, which is named, until that transaction ends", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const { id } = await workers.queue.enqueue(type, {}, { queue });
    await using holder = await openTransaction(workers.pool);
    await holder.client.query("SET LOCAL application_name = 'holder of the lock'");
    await holder.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [id]);
    const { rows } = await holder.client.query("SELECT pg_backend_pid() AS pid, now() AS since");

    expect(await explain(id)).toMatchObject([
      {
        code: "row-locked",
        pid: rows[0].pid,
        applicationName: "holder of the lock",
        state: "idle in transaction",
        since: rows[0].since,
      },
    ]);

    await holder.end("ROLLBACK");
    expect(codesOf(await explain(id))).toEqual(["due-now"]);
    // The look itself locks nothing any more.
    const claimed = await workers.queue.runs.claim({
      queues: [queue],
      workerId: "w",
      limit: 1,
      leaseSeconds: 60,
    });
    expect(claimed.map((job) => job.id)).toEqual([id]);
  });

  test("many jobs before it are counted up to a limit, and read within bounds", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    await livingWorker([queue], [type]);
    const fill = (count: number, priority: number, at: string) =>
      workers.pool.query(
        `INSERT INTO millrace.waiting_jobs (queue, type, priority, run_at)
         SELECT $1, $2, $3, now() + $4::interval FROM generate_series(1, $5::int)`,
        [queue, type, priority, at, count],
      );
    await fill(20_000, 3, "-1 hour");
    await fill(20_000, 1, "1 hour");
    await fill(20_000, 3, "-1 second");
    const last = await insertJob(workers.pool, { queue, type, priority: 3, runInSeconds: -2 });
    const first = await insertJob(workers.pool, { queue, type, priority: 3, runInSeconds: -7_200 });

    expect(await explain(last)).toMatchObject([{ code: "workers-busy", before: 10_000, beforeIsCut: true }]);
    expect(await explain(first)).toMatchObject([{ code: "due-now" }]);

    const buffersOf = async (id: string) => {
      let buffers = 0;
      const explaining: Executor = {
        async query(text, values) {
          const { rows } = await workers.pool.query(
            `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
            values,
          );
          const plan = rows[0]["QUERY PLAN"][0].Plan;
          buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
          return { rows: [] };
        },
      };
      await readQueuedFacts(explaining, id);
      return buffers;
    };
    expect(await buffersOf(first)).toBeLessThan(500);
    expect(await buffersOf(last)).toBeLessThan(15_000);
  });
});
