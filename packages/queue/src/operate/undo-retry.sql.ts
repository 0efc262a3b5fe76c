import { ROW_ADDRESS } from "../job/row-address.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import { undoPass, undoStatements } from "./undo-jobs.sql.ts";

/**
 * Guarantees: of one row of the audit log, ends the jobs again that its retry has queued, and that nobody has claimed
 * or changed since: with their state, end, output, time, attempts, crashes and settings. Whoever waits for their end is
 * told, and their followers are due. Leaves locked jobs unchanged, and jobs whose output was too long to keep.
 * Index: the primary keys of audit_log and waiting_jobs, job by job.
 * No row: never.
 */
const END_AGAIN = undoStatements(
  {
    table: "waiting_jobs",
    guard: `j.lease_token = (old.was ->> 'leaseToken')::bigint AND j.updated_at = old.at
        AND (old.was ->> 'endedAt') IS NOT NULL AND (old.was ->> 'outputBytes') IS NULL`,
  },
  `back AS (
    DELETE FROM millrace.waiting_jobs j USING fitting WHERE j.${ROW_ADDRESS} = fitting.row_address
    RETURNING j.*, fitting.was
  ), ${endJobs({
    relation: "back",
    set: {
      state: "r.was ->> 'state'",
      ended_at: "(r.was ->> 'endedAt')::timestamptz",
      run_at: "(r.was ->> 'runAt')::timestamptz",
      attempts: "(r.was ->> 'attempts')::int",
      crashes: "(r.was ->> 'crashes')::int",
      output: "(r.was ->> 'output')::jsonb",
      // A retry only removes settings. If it removed some, the record has all settings.
      settings: "coalesce((r.was ->> 'settings')::jsonb, r.settings)",
    },
    returning: "RETURNING id",
  })}
  SELECT count(*)::int AS restored FROM ended`,
);

/** The passes that undo a retry. */
export const UNDO_RETRY = [undoPass(END_AGAIN)];
