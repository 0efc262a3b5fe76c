import type { Executor } from "@millrace/base";
import { heldRuns, inIdOrder, leaseArrays, leasesWithoutRow } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { type Unwritten, unwrittenRuns } from "../job/unwritten-runs.sql.ts";

/**
 * Guarantees: only a run that still holds its lease sets its progress. Index: the primary key. Locked rows are skipped:
 * a job that completes in a long transaction must not delay the progress of other jobs, least of all its own handler. A
 * missing row means: the row is locked, or the lease was lost; nothing was changed.
 */
const SET_PROGRESS = `${heldRuns({ policy: "skip", columns: ", progress", arrays: ", $3::jsonb[]" })}
  UPDATE millrace.jobs j SET progress = held.progress, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id, j.lease_token`;

/** A run and how far it has come, as JSON text. */
export interface RunProgress extends Lease {
  progress: string;
}

/** Writes the progress of runs, one entry per run. Returns the runs whose progress was not written, and why. */
export async function setProgress(db: Executor, items: readonly RunProgress[]): Promise<Unwritten> {
  const ordered = inIdOrder(items);
  const { rows } = await db.query(SET_PROGRESS, [
    ...leaseArrays(ordered),
    ordered.map((item) => item.progress),
  ]);
  return unwrittenRuns(db, leasesWithoutRow(items, rows), "skip");
}
