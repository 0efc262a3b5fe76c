import type { JobState } from "@millrace/schema/values";
import type pg from "pg";

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

/** Inserts a valid job in any state and returns its id. */
export async function insertJob(pool: pg.Pool, job: JobSetup = {}): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO millrace.jobs
       (queue, type, state, priority, lease_token, attempts, max_attempts, crashes, lease_until, run_at,
        completed_at, canceled_at, cancel_requested_at, idempotency_key, worker_id, last_run_at)
     SELECT $1, $2, state, $4, $5, $6, $7, $8,
            CASE WHEN state = 'running' THEN now() + $9 * interval '1 second' END,
            now() + $10 * interval '1 second',
            CASE WHEN state = 'completed' THEN now() END, CASE WHEN state = 'canceled' THEN now() END,
            CASE WHEN $11 THEN now() END, $12,
            CASE WHEN state = 'running' THEN 'worker-of-the-test' END, CASE WHEN state = 'running' THEN now() END
     FROM (VALUES ($3::text)) AS given(state)
     RETURNING id`,
    [
      job.queue ?? "default",
      job.type ?? "t",
      job.state ?? "queued",
      job.priority ?? 0,
      job.leaseToken ?? 1,
      job.attempts ?? 1,
      job.maxAttempts ?? 3,
      job.crashes ?? 0,
      job.leaseInSeconds ?? 30,
      job.runInSeconds ?? 0,
      job.cancelRequested ?? false,
      job.idempotencyKey ?? null,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("The insert returned no row");
  return id;
}

/** The row of a job without what a transition that is refused could not change anyway. */
export async function rowOf(pool: pg.Pool, id: string): Promise<Record<string, unknown>> {
  const { rows } = await pool.query("SELECT * FROM millrace.all_jobs WHERE id = $1", [id]);
  return rows[0] ?? {};
}
