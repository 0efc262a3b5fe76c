import { ROW_ADDRESS } from "../job/row-address.ts";
import { undoPass, undoStatements } from "./undo-jobs.sql.ts";

/**
 * Guarantees: of one row of the audit log, gives the jobs that it made due their old time and settings, if nobody has
 * claimed or changed them since. Leaves locked jobs unchanged.
 * Index: the primary keys of audit_log and waiting_jobs, job by job.
 * No row: never.
 */
const POSTPONE = undoStatements(
  {
    table: "waiting_jobs",
    guard: `j.lease_token = (old.was ->> 'leaseToken')::bigint AND j.updated_at = old.at
        AND (old.was ->> 'runAt') IS NOT NULL`,
  },
  `later AS (
    UPDATE millrace.waiting_jobs j
    SET run_at = (fitting.was ->> 'runAt')::timestamptz, updated_at = now(),
        settings = coalesce((fitting.was ->> 'settings')::jsonb, j.settings)
    FROM fitting WHERE j.${ROW_ADDRESS} = fitting.row_address
    RETURNING j.id
  )
  SELECT count(*)::int AS restored FROM later`,
);

/** The passes that undo a `runNow`. */
export const UNDO_RUN_NOW = [undoPass(POSTPONE)];
