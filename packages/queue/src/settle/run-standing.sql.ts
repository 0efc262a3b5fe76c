import type { Executor } from "@millrace/base";
import type { Lease } from "../job/job.ts";
import { isOpen } from "../job/places.sql.ts";
import { toState } from "../job/transitions.ts";

/**
 * Guarantees: changes nothing, and waits for no lock.
 * Index: claims_pkey, and the primary key of ended_jobs.
 * No row: the run does not hold its lease, and did not complete its job.
 *
 * The standing is `locked` if the run is open in a claim that this statement could not lock: another transaction has
 * locked the claim, or ended during this statement.
 */
const STANDING = `
  WITH free AS MATERIALIZED (
    SELECT c.id FROM millrace.claims c WHERE c.lease_token = $2 AND $1 = ANY(c.ids) FOR UPDATE SKIP LOCKED
  )
  SELECT CASE WHEN c.id IN (SELECT free.id FROM free) THEN 'held' ELSE 'locked' END AS standing
  FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
  WHERE c.lease_token = $2 AND $1 = ANY(c.ids) AND job.id = $1 AND ${isOpen("job.ordinal")}
  UNION ALL
  SELECT 'completed' FROM millrace.ended_jobs e
  WHERE e.id = $1 AND e.lease_token = $2 AND e.state = ${toState("complete")}`;

/**
 * The standing of a run in the database. `locked`: a transaction that has not ended has locked the run's claim, and may
 * complete the run.
 */
export type RunStanding = "completed" | "held" | "locked" | "lost";

/** Asks the database for the standing of a run. */
export async function runStanding(db: Executor, { id, leaseToken }: Lease): Promise<RunStanding> {
  const { rows } = await db.query(STANDING, [id, leaseToken]);
  return (rows as { standing: RunStanding }[])[0]?.standing ?? "lost";
}
