import type { Executor } from "@millrace/base";
import { ROW_ADDRESS } from "../job/row-address.ts";
import type { UndoPass } from "./undo-command.ts";

/**
 * The CTE `old`: the jobs that the row $1 of the audit log names, each as it was (`was`, with `id` and `state`), and
 * the instant of the change (`at`). Where a statement of the command wrote now() into a job, the job has this instant
 * for as long as nobody else changes it.
 */
const OLD_JOBS = `entry AS MATERIALIZED (
    SELECT e.at, e.before FROM millrace.audit_log e WHERE e.id = $1::uuid
  ), old AS MATERIALIZED (
    SELECT (each.job ->> 'id')::uuid AS id, each.job ->> 'state' AS state, each.job AS was, entry.at
    FROM entry, LATERAL jsonb_array_elements(entry.before) AS each(job)
  )`;

/** Which jobs of a row of the audit log can still be restored. */
export interface Unmoved {
  /** The table into which the command has put the jobs. */
  table: "waiting_jobs" | "ended_jobs";
  /** The SQL condition that the job `j` has not moved on since the command found it as `old`. */
  guard: string;
}

/** A pass over the rows of a command, in two statements. */
export interface UndoStatements {
  /** Counts what the pass would restore. */
  count: string;
  /** Restores the jobs. The first column of its row says how many. */
  restore: string;
}

/**
 * Builds the statements of a pass over jobs that are queued or have ended. `rest` is SQL that follows the CTE `fitting`
 * of the jobs to restore, each with its `row_address` and the columns of `old`.
 *
 * LATERAL looks up each job by itself, and locks its row. A row that another transaction has locked is left out: a
 * claim has it, or another command. A row that was changed since the statement began has a `row_address` that the
 * statement cannot see, so the job is left out, too.
 */
export function undoStatements({ table, guard }: Unmoved, rest: string): UndoStatements {
  const found = (columns: string, lock: string) => `
    SELECT ${columns}
    FROM old, LATERAL (
      SELECT j.${ROW_ADDRESS} AS row_address FROM millrace.${table} j WHERE j.id = old.id AND ${guard} LIMIT 1 ${lock}
    ) AS job`;
  return {
    count: `WITH ${OLD_JOBS} ${found("count(*)::int AS restored", "")}`,
    restore: `WITH ${OLD_JOBS}, fitting AS MATERIALIZED (${found("job.row_address, old.*", "FOR UPDATE SKIP LOCKED")}
  ), ${rest}`,
  };
}

/** Builds the statements of a pass over running jobs. `found` is the SQL after WITH that selects what to restore. */
export function undoOfRunning(found: string, rest: { count: string; restore: string }): UndoStatements {
  return {
    count: `WITH ${OLD_JOBS}, ${found} ${rest.count}`,
    restore: `WITH ${OLD_JOBS}, ${found}, ${rest.restore}`,
  };
}

/** What a pass restored. */
export interface RestoredJobs {
  restored: number;
  /** The restored jobs that wait for the end of another job. */
  followers?: readonly string[];
}

/** Makes a pass of its statements. `afterwards` is called with what was restored. */
export function undoPass(
  { count, restore }: UndoStatements,
  afterwards?: (db: Executor, restored: RestoredJobs) => Promise<void>,
): UndoPass {
  return async (db, entry, { dryRun }) => {
    const { rows } = await db.query(dryRun ? count : restore, [entry.id]);
    const result = (rows as RestoredJobs[])[0] ?? { restored: 0 };
    if (!dryRun) await afterwards?.(db, result);
    return result.restored;
  };
}
