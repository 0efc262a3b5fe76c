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

/** The arrays of a claim, and what one element of each is. */
const ARRAYS = {
  ids: "id",
  types: "type",
  payloads: "payload",
  run_ats: "run_at",
  created_ats: "created_at",
  attempts: "attempts",
  max_attempts: "max_attempts",
  crashes: "crashes",
  last_errors: "last_error",
  idempotency_keys: "idempotency_key",
  schedule_ids: "schedule_id",
  progress: "progress",
  settings: "settings",
} as const;

/**
 * The jobs of a claim `c` as rows, each with its `ordinal` in the claim, from 1. The arrays are unpacked in a target
 * list, which gives row by row. In FROM, PostgreSQL would write each array to a store of its own first, which was a
 * tenth of a completion's time. An array that is NULL gives NULL for each job.
 */
export const UNPACKED = `(
      SELECT ${Object.entries(ARRAYS)
        .map(([array, element]) => `unnest(c.${array}) AS ${element}`)
        .join(", ")},
             generate_subscripts(c.ids, 1) AS ordinal)`;

/** An SQL condition: the job with this ordinal in the claim `c` is still running. */
export const isOpen = (ordinal: string) => `(c.open IS NULL OR ${ordinal} = ANY(c.open))`;

/** A regular expression of PostgreSQL for the text of an id, as PostgreSQL writes it. Anyone may insert settings. */
export const ID_TEXT = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/**
 * SQL for the settings of a job `r` that began and is queued again: without `startBy`, which holds for the first start.
 * So a waiting job that has a `startBy` has not begun.
 */
export const STARTED_SETTINGS =
  "CASE WHEN r.settings ? 'startBy' THEN nullif(r.settings - 'startBy', '{}') ELSE r.settings END";
