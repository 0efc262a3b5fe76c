import type { JobState } from "@millrace/schema/values";
import type pg from "pg";
import { createIdSource } from "../src/enqueue/uuid-v7.ts";

/** What a test cares about of a job; the rest is made valid for its state. */
export interface JobSetup {
  state?: JobState;
  queue?: string;
  type?: string;
  priority?: number;
  leaseToken?: number;
  attempts?: number;
  maxAttempts?: number;
  crashes?: number;
  /** Seconds from now until the lease ends; negative for one that has run out. */
  leaseInSeconds?: number;
  /** Seconds from now until the job is due; negative for one that was due before. */
  runInSeconds?: number;
  cancelRequested?: boolean;
  idempotencyKey?: string;
}

const WAITING = `
  WITH keyed AS (
    INSERT INTO millrace.job_keys (key, job_id) SELECT $9::varchar, $1::uuid WHERE $9::varchar IS NOT NULL
  )
  INSERT INTO millrace.waiting_jobs
    (id, queue, type, priority, lease_token, attempts, max_attempts, crashes, idempotency_key, run_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::varchar, now() + $10 * interval '1 second')`;

const RUNNING = `
  WITH keyed AS (
    INSERT INTO millrace.job_keys (key, job_id) SELECT $9::varchar, $1::uuid WHERE $9::varchar IS NOT NULL
  ), asked AS (
    INSERT INTO millrace.cancel_requests (job_id) SELECT $1::uuid WHERE $12
  )
  INSERT INTO millrace.claims
    (ids, queue, types, priority, lease_token, attempts, max_attempts, crashes, idempotency_keys, run_ats, worker_id,
     begun_at, lease_until, payloads, created_ats)
  VALUES (ARRAY[$1::uuid], $2, ARRAY[$3::text], $4, $5, ARRAY[$6::int], ARRAY[$7::int], ARRAY[$8::int],
          CASE WHEN $9::varchar IS NOT NULL THEN ARRAY[$9::varchar] END, ARRAY[now() + $10 * interval '1 second'],
          'worker-of-the-test', now(), now() + $11 * interval '1 second', '{"{}"}', ARRAY[now()])`;

const ENDED = `
  WITH keyed AS (
    INSERT INTO millrace.job_keys (key, job_id) SELECT $9::varchar, $1::uuid WHERE $9::varchar IS NOT NULL
  )
  INSERT INTO millrace.ended_jobs
    (id, queue, type, priority, lease_token, attempts, max_attempts, crashes, idempotency_key, run_at, state, payload,
     created_at, ended_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::varchar, now() + $10 * interval '1 second', $11, '{}', now(), now())`;

const ids = createIdSource(Date.now);

/** Inserts a valid job in any state and returns its id. */
export async function insertJob(pool: pg.Pool, job: JobSetup = {}): Promise<string> {
  const id = ids.next();
  const values = [
    id,
    job.queue ?? "default",
    job.type ?? "t",
    job.priority ?? 0,
    job.leaseToken ?? 1,
    job.attempts ?? 1,
    job.maxAttempts ?? 3,
    job.crashes ?? 0,
    job.idempotencyKey ?? null,
    job.runInSeconds ?? 0,
  ];
  const state = job.state ?? "queued";
  if (state === "queued") await pool.query(WAITING, values);
  else if (state === "running")
    await pool.query(RUNNING, [...values, job.leaseInSeconds ?? 30, job.cancelRequested ?? false]);
  else await pool.query(ENDED, [...values, state]);
  return id;
}

/** The row of a job without what a transition that is refused could not change anyway. */
export async function rowOf(pool: pg.Pool, id: string): Promise<Record<string, unknown>> {
  const { rows } = await pool.query("SELECT * FROM millrace.jobs WHERE id = $1", [id]);
  return rows[0] ?? {};
}
