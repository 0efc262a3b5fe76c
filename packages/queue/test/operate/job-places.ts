import type pg from "pg";
import type { ClaimedJob, Queue } from "../../src/index.ts";

/** Every state and place that a job can be in. */
export const PLACES = [
  "due",
  "delayed",
  "in backoff",
  "waiting for another job",
  "running alone",
  "running in a shared claim",
  "running, cancel requested",
  "completed",
  "failed",
  "canceled",
  "deleted",
  "never there",
] as const;

/** One of `PLACES`. */
export type Place = (typeof PLACES)[number];

const HOUR_MS = 3_600_000;

/** Brings a new job into a place, with a key of its own, and returns its id. Each job has a queue of its own. */
export async function putInto(place: Place, queue: Queue): Promise<string> {
  const name = `place-${crypto.randomUUID()}`;
  const options = { queue: name, idempotencyKey: name, maxAttempts: 5 };
  const enqueue = async (delayMs = 0) => (await queue.enqueue("t", { n: 1 }, { ...options, delayMs })).id;
  const claim = async (): Promise<ClaimedJob[]> =>
    queue.runs.claim({ queues: [name], workerId: "w", limit: 10, leaseSeconds: 3_600 });
  const claimed = async (): Promise<string> => {
    const id = await enqueue();
    await claim();
    return id;
  };
  const failed = async (retryInMs: number | null): Promise<string> => {
    const id = await enqueue();
    await queue.runs.fail((await claim()).map((run) => ({ ...run, error: "x", retryInMs })));
    return id;
  };
  const put: Record<Place, () => Promise<string>> = {
    due: () => enqueue(),
    delayed: () => enqueue(HOUR_MS),
    "in backoff": () => failed(HOUR_MS),
    "waiting for another job": async () => {
      const latest = { queue: name, latest: { key: name } };
      await queue.enqueue("t", {}, latest);
      await claim();
      return (await queue.enqueue("t", { n: 1 }, latest)).id;
    },
    "running alone": claimed,
    "running in a shared claim": async () => {
      await queue.enqueueMany([1, 2].map(() => ({ type: "t", queue: name })));
      return claimed();
    },
    "running, cancel requested": async () => {
      const id = await claimed();
      await queue.cancel(id);
      return id;
    },
    completed: async () => {
      const id = await enqueue();
      await queue.runs.complete((await claim()).map((run) => ({ ...run, output: '"done"' })));
      return id;
    },
    failed: () => failed(null),
    canceled: async () => {
      const id = await enqueue();
      await queue.cancel(id);
      return id;
    },
    deleted: async () => {
      const id = await enqueue();
      await queue.deleteMany({ ids: [id] });
      return id;
    },
    "never there": async () => crypto.randomUUID(),
  };
  return put[place]();
}

/** In how many places a job is. `places` has the tables where the job is. */
export async function placesOf(pool: pg.Pool, ids: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await pool.query<{ id: string; places: string[] }>(
    `SELECT given.id, ARRAY(
       SELECT 'waiting_jobs' FROM millrace.waiting_jobs w WHERE w.id = given.id
       UNION ALL SELECT 'claims' FROM millrace.running_jobs r WHERE r.id = given.id
       UNION ALL SELECT 'ended_jobs' FROM millrace.ended_jobs e WHERE e.id = given.id) AS places
     FROM unnest($1::uuid[]) AS given(id)`,
    [ids],
  );
  return new Map(rows.map(({ id, places }) => [id, places]));
}

/**
 * The rows that belong to no job: large payloads and keys of jobs that are gone, payloads of jobs that have a small
 * one, jobs without any payload, and keys that are not the job's.
 */
export async function strayRows(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT 'job_payloads' AS stray, p.job_id FROM millrace.job_payloads p
     WHERE NOT EXISTS (SELECT FROM millrace.jobs j WHERE j.id = p.job_id)
     UNION ALL
     SELECT 'payload twice', p.job_id FROM millrace.job_payloads p JOIN millrace.waiting_jobs w ON w.id = p.job_id
     WHERE w.payload IS NOT NULL
     UNION ALL
     SELECT 'no payload', j.id FROM millrace.jobs j WHERE j.payload IS NULL
     UNION ALL
     SELECT 'job_keys', k.job_id FROM millrace.job_keys k
     WHERE NOT EXISTS (SELECT FROM millrace.jobs j WHERE j.id = k.job_id AND j.idempotency_key = k.key)`,
  );
  return rows;
}
