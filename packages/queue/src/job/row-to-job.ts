import type { AttemptOutcome, JobSettings, JobState, QueueSettings } from "@millrace/schema/values";
import type { Job, JobAttempt, JobFields, JsonValue } from "./job.ts";
import { traceOf } from "./trace-context.ts";

type Row = Record<string, unknown>;

/**
 * A row of millrace.jobs as a Job. Casts are allowed here, at the boundary: the columns' types and CHECKs justify them,
 * and a test reads a row of each state with every column set.
 */
export function rowToJob(value: unknown): Job {
  const row = value as Row;
  const settings = row["settings"] as JobSettings | null;
  const fields: JobFields = {
    id: row["id"] as string,
    queue: row["queue"] as string,
    type: row["type"] as string,
    payload: row["payload"] as JsonValue,
    priority: row["priority"] as number,
    runAt: toDate(row["run_at"]),
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
    progress: (row["progress"] ?? null) as JsonValue,
    tags: (row["tags"] ?? []) as readonly string[],
    metadata: (row["metadata"] ?? {}) as Record<string, JsonValue>,
    startBy: toDate(row["start_by"]),
    tickAt: toDate(row["tick_at"]),
    settings: ownSettings(settings),
    traceContext: traceOf(settings),
  };
  return inItsState(fields, row);
}

/** The settings that have no field of their own. */
function ownSettings(settings: JobSettings | null): QueueSettings {
  const { tags, metadata, startBy, tickAt, after, traceparent, tracestate, traceLinkOnly, ...own } =
    settings ?? {};
  return own;
}

const NOTHING_ELSE = {
  leaseUntil: null,
  cancelRequestedAt: null,
  completedAt: null,
  canceledAt: null,
  output: null,
} as const;

/** Adds the fields that the job's state has. */
function inItsState(fields: JobFields, row: Row): Job {
  const state = row["state"] as JobState;
  switch (state) {
    case "queued":
    case "failed":
      return { ...fields, ...NOTHING_ELSE, state };
    case "running": {
      const leaseUntil = toInstant(row["lease_until"]);
      return {
        ...fields,
        ...NOTHING_ELSE,
        state,
        leaseUntil,
        cancelRequestedAt: toDate(row["cancel_requested_at"]),
      };
    }
    case "completed": {
      const output = (row["output"] ?? null) as JsonValue;
      return { ...fields, ...NOTHING_ELSE, state, completedAt: toInstant(row["completed_at"]), output };
    }
    case "canceled":
      return { ...fields, ...NOTHING_ELSE, state, canceledAt: toInstant(row["canceled_at"]) };
    default:
      return state satisfies never;
  }
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

/**
 * Null for `infinity` as for NULL. Drivers give a timestamptz as a Date or as text, and `infinity` as a number or as
 * text.
 */
export function toDate(value: unknown): Date | null {
  if (value === null || value === undefined || value === Number.POSITIVE_INFINITY || value === "infinity")
    return null;
  return toInstant(value);
}

/** Returns an instant that a driver gave as a Date or as text. */
export function toInstant(value: unknown): Date {
  return value instanceof Date ? value : new Date(String(value));
}
