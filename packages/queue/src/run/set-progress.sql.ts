import type { Executor } from "@millrace/base";
import { heldRuns, leaseArrays, leasesWithoutRow } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { byPolicy, LOCK_POLICIES } from "../job/lock-policy.sql.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import { writeFenced } from "../job/write-fenced.ts";

/**
 * Guarantees: sets the progress only of runs that still hold their lease. The progress of the claim's other jobs stays.
 * Index: claims_pkey, claim by claim (see `heldRuns`).
 * No row: nothing was changed about this run. Its lease was lost, or its claim is locked and was skipped.
 */
const SET_PROGRESS = byPolicy(
  LOCK_POLICIES,
  (policy) => `${heldRuns({
    policy,
    columns: ", progress",
    arrays: ", $3::jsonb[]",
    withJobs: false,
  })}, told AS MATERIALIZED (
    SELECT c.lease_token, c.id, array_agg(coalesce(held.progress, job.progress) ORDER BY job.ordinal) AS progress
    FROM locked AS c CROSS JOIN LATERAL unnest(c.ids, c.progress) WITH ORDINALITY AS job(id, progress, ordinal)
    LEFT JOIN held ON held.lease_token = c.lease_token AND held.claim_id = c.id AND held.ordinal = job.ordinal
    WHERE (c.lease_token, c.id) IN (SELECT lease_token, claim_id FROM held)
    GROUP BY c.lease_token, c.id
  ), written AS (
    UPDATE millrace.claims c SET progress = told.progress, updated_at = now()
    FROM told WHERE c.lease_token = told.lease_token AND c.id = told.id
  )
  SELECT id, lease_token FROM held`,
);

/** A run and its progress, as JSON text. */
export interface RunProgress extends Lease {
  progress: string;
}

/** Writes the progress of runs, one entry per run. Returns the runs whose progress was not written, and why. */
export function setProgress(db: Executor, items: readonly RunProgress[]): Promise<Unwritten> {
  return writeFenced(db, {
    items,
    policy: "wait briefly",
    async send(some, policy) {
      const { rows } = await db.query(SET_PROGRESS[policy], [
        ...leaseArrays(some),
        some.map((item) => item.progress),
      ]);
      return leasesWithoutRow(some, rows);
    },
  });
}
