import type { Executor } from "@millrace/base";
import { heldRuns, leaseArrays } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/**
 * Guarantees: a run that still holds its lease has begun from now on: recovery then charges a crash to the job. Waits
 * for nobody. The commit does not wait for the disk: if the server loses it, at worst one crash is not counted. Index:
 * the primary key. No row: the lease was lost, or another transaction has locked the row; nothing was changed.
 */
const BEGIN = `${heldRuns({ policy: "skip" })}, unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  )
  UPDATE millrace.jobs j SET last_run_at = now(), updated_at = now()
  FROM held, unsynced WHERE j.id = held.id
  RETURNING j.id`;

/** Notes that a run begins, after its claim recorded it as not begun. Returns false when the run may not begin. */
export async function beginRun(db: Executor, lease: Lease): Promise<boolean> {
  const { rows } = await db.query(BEGIN, leaseArrays([lease]));
  return rows.length > 0;
}
