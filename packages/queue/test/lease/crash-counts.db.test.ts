import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { SUSPECT_CRASHES } from "../../src/job/suspect.ts";
import { recover } from "../../src/lease/recover.ts";
import { insertJob } from "../insert-job.ts";
import { minutesOf, NOTHING } from "../minutes-of.ts";
import { useWorkers } from "../use-workers.ts";

const workers = useWorkers();

/** Claims so many jobs of a new queue, and ends their lease. Returns the queue and its worker. */
async function lostRuns(count: number) {
  const [queue, workerId] = [randomUUID(), randomUUID()];
  for (let n = 0; n < count; n += 1) await insertJob(workers.pool, { queue });
  await workers.queue.runs.claim({ queues: [queue], workerId, limit: count, leaseSeconds: 30 });
  await workers.pool.query(
    "UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE queue = $1",
    [queue],
  );
  return { queue, workerId };
}

async function insertWorker(workerId: string): Promise<void> {
  await workers.pool.query(
    "INSERT INTO millrace.workers (worker_id, queues, types) VALUES ($1, '{}', '{}')",
    [workerId],
  );
}

async function crashedOf(workerId: string): Promise<number | undefined> {
  const { rows } = await workers.pool.query("SELECT crashed FROM millrace.workers WHERE worker_id = $1", [
    workerId,
  ]);
  return rows[0]?.crashed;
}

test("each run is counted once, whoever recovers, for its queue and for the worker that lost it", async () => {
  const [one, other] = [await lostRuns(7), await lostRuns(3)];
  await insertWorker(one.workerId);

  await Promise.all([1, 2, 3, 4].map(() => workers.queue.runs.recover({ limit: 5 })));
  await workers.queue.runs.recover();

  expect(await minutesOf(workers.pool, one.queue)).toEqual({ ...NOTHING, crashed: 7 });
  expect(await minutesOf(workers.pool, other.queue)).toEqual({ ...NOTHING, crashed: 3 });
  expect(await crashedOf(one.workerId)).toBe(7);
  expect(await crashedOf(other.workerId)).toBeUndefined();
});

test("a job that its crash fails or cancels counts as such, too; one that had not begun may not crash", async () => {
  const queue = randomUUID();
  const lost = { queue, state: "running", leaseInSeconds: -1 } as const;
  await insertJob(workers.pool, { ...lost, crashes: 5 });
  await insertJob(workers.pool, { ...lost, cancelRequested: true });
  const suspect = await insertJob(workers.pool, { ...lost, crashes: SUSPECT_CRASHES });
  await workers.pool.query("UPDATE millrace.claims SET begun_at = NULL WHERE $1 = ANY(ids)", [suspect]);

  await workers.queue.runs.recover({ maxCrashes: 5 });

  expect(await minutesOf(workers.pool, queue)).toEqual({ ...NOTHING, crashed: 2, failed: 1, canceled: 1 });
});

test("jobs that did not start in time count as canceled", async () => {
  const queue = randomUUID();
  for (let n = 0; n < 3; n += 1) await workers.queue.enqueue("t", {}, { queue, startBy: new Date(0) });

  await workers.queue.runs.recover();

  expect(await minutesOf(workers.pool, queue)).toEqual({ ...NOTHING, canceled: 3 });
});

test("jobs are taken back even if they cannot be counted, and the caller is told why", async () => {
  const { queue } = await lostRuns(1);
  const errors: unknown[] = [];
  const refused = new Error("refused");
  const db = {
    query: async (text: string, values?: unknown[]) => {
      if (text.includes("queue_minutes")) throw refused;
      return workers.pool.query(text, values);
    },
  };

  const { requeued } = await recover(
    db,
    {},
    {
      onUncounted: (error) => void errors.push(error),
      onRefused: (error) => void errors.push(error),
    },
  );

  expect(requeued).toHaveLength(1);
  expect(errors).toEqual([refused]);
  expect(await minutesOf(workers.pool, queue)).toEqual(NOTHING);
});
