import type { Executor } from "@millrace/base";
import type { Lease } from "../job/job.ts";
import { inState, rowInState } from "../job/state-guards.sql.ts";

/**
 * Guarantees: changes nothing and waits for nobody. `locked`: the row is running and could not be locked. Another
 * transaction has it locked, or ended during this statement. Index: the primary keys of both tables. No row means: the
 * run does not hold its lease, and did not complete its job.
 */
const STANDING = `
  WITH free AS MATERIALIZED (
    SELECT FROM millrace.jobs j
    WHERE j.id = $1 AND j.lease_token = $2 AND ${rowInState("running")}
    FOR UPDATE SKIP LOCKED
  )
  SELECT CASE WHEN ${inState("completed")} THEN 'completed'
              WHEN EXISTS (SELECT FROM free) THEN 'held' ELSE 'locked' END AS standing
  FROM millrace.all_jobs j
  WHERE j.id = $1 AND j.lease_token = $2 AND (${rowInState("running")} OR ${inState("completed")})`;

/**
 * How a run stands in the database. `locked`: a transaction that has locked its row, and may complete it, has not ended
 * yet.
 */
export type RunStanding = "completed" | "held" | "locked" | "lost";

/** Asks the database how a run stands. */
export async function runStanding(db: Executor, { id, leaseToken }: Lease): Promise<RunStanding> {
  const { rows } = await db.query(STANDING, [id, leaseToken]);
  return (rows as { standing: RunStanding }[])[0]?.standing ?? "lost";
}
