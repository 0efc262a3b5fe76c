import type { AttemptOutcome, JobState } from "@millrace/schema";
import type { Job, JobAttempt, JsonValue } from "./job.ts";

type Row = Record<string, unknown>;

/**
 * A row of millrace.jobs as a Job. The casts are allowed here, at the boundary: the columns' types and CHECKs
 * are what they rest on, and a test reads back a row with every column set.
 */
export function rowToJob(value: unknown): Job {
  const row = value as Row;
  return {
    id: row["id"] as string,
    queue: row["queue"] as string,
    type: row["type"] as string,
    payload: row["payload"] as JsonValue,
    state: row["state"] as JobState,
    priority: row["priority"] as number,
    runAt: toDate(row["run_at"]),
    leaseUntil: toDate(row["lease_until"]),
    leaseToken: Number(row["lease_token"]),
    workerId: row["worker_id"] as string | null,
    attempts: row["attempts"] as number,
    maxAttempts: row["max_attempts"] as number,
    crashes: row["crashes"] as number,
    lastError: row["last_error"] as string | null,
    lastRunAt: toDate(row["last_run_at"]),
    idempotencyKey: row["idempotency_key"] as string | null,
    scheduleId: row["schedule_id"] as string | null,
    createdAt: toInstant(row["created_at"]),
    updatedAt: toInstant(row["updated_at"]),
    completedAt: toDate(row["completed_at"]),
    canceledAt: toDate(row["canceled_at"]),
    cancelRequestedAt: toDate(row["cancel_requested_at"]),
    progress: (row["progress"] ?? null) as JsonValue,
    output: (row["output"] ?? null) as JsonValue,
  };
}

/** A row of millrace.job_attempts as a JobAttempt. */
export function rowToAttempt(value: unknown): JobAttempt {
  const row = value as Row;
  return {
    jobId: row["job_id"] as string,
    leaseToken: Number(row["lease_token"]),
    attempt: row["attempt"] as number,
    workerId: row["worker_id"] as string | null,
    startedAt: toDate(row["started_at"]),
    finishedAt: toInstant(row["finished_at"]),
    outcome: row["outcome"] as AttemptOutcome,
    error: row["error"] as string | null,
  };
}

/** Drivers give a timestamptz as a Date or as text, and `infinity` as a number or as text. */
function toDate(value: unknown): Date | null {
  if (value === null || value === undefined || value === Number.POSITIVE_INFINITY || value === "infinity")
    return null;
  return toInstant(value);
}

function toInstant(value: unknown): Date {
  return value instanceof Date ? value : new Date(String(value));
}
