/**
 * The three tables that a job moves between. The table that a job is in tells the job's state. A statement that makes a
 * transition takes the job out of one table and puts it into another.
 */
export type JobTable = "waiting_jobs" | "claims" | "ended_jobs";

/** The columns that a job keeps when it moves: `waiting_jobs`, `ended_jobs` and held runs share them. */
const KEPT = [
  "id",
  "queue",
  "type",
  "payload",
  "priority",
  "run_at",
  "lease_token",
  "worker_id",
  "attempts",
  "max_attempts",
  "crashes",
  "last_error",
  "last_run_at",
  "idempotency_key",
  "schedule_id",
  "created_at",
  "progress",
  "settings",
] as const;

/**
 * An INSERT of the rows of a relation into a table of jobs. The relation has a job's columns. `set` has SQL for the
 * columns that change: there, `r` is the relation's row.
 */
export function insertFrom(
  table: Exclude<JobTable, "claims">,
  relation: string,
  set: Readonly<Record<string, string>>,
): string {
  const columns: string[] = [...new Set([...KEPT, ...Object.keys(set)])];
  return `INSERT INTO millrace.${table} (${columns.join(", ")})
    SELECT ${columns.map((column) => set[column] ?? `r.${column}`).join(", ")}
    FROM ${relation} AS r`;
}

/** The arrays of a claim `c`. `unnest` turns them into rows with the columns `CLAIMED_COLUMNS`. */
export const CLAIM_ARRAYS = `c.ids, c.types, c.payloads, c.run_ats, c.created_ats, c.attempts, c.max_attempts,
           c.crashes, c.last_errors, c.idempotency_keys, c.schedule_ids, c.progress, c.settings`;

/** The columns of a claim's unpacked jobs. `place` is the job's place in its claim, from 1. */
export const CLAIMED_COLUMNS = `id, type, payload, run_at, created_at, attempts, max_attempts, crashes, last_error,
           idempotency_key, schedule_id, progress, settings, place`;

/** An SQL condition: the job at this place of the claim `c` is still running. */
export const isOpen = (place: string) => `(c.open IS NULL OR ${place} = ANY(c.open))`;

/** A regular expression of PostgreSQL for the text of an id, as PostgreSQL writes it. Anyone may insert settings. */
export const ID_TEXT = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/**
 * SQL for the settings of a job `r` that began and is queued again: without `startBy`, which holds for the first start.
 * So a waiting job that has a `startBy` has not begun.
 */
export const STARTED_SETTINGS =
  "CASE WHEN r.settings ? 'startBy' THEN nullif(r.settings - 'startBy', '{}') ELSE r.settings END";
