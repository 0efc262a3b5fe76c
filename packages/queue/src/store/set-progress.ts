import type { Lease } from "../domain/job.ts";
import { heldRuns, inIdOrder, leaseArrays, refusedOf } from "./held-runs.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: only a run that still holds its lease tells its progress. Index: the primary key. A missing row means:
 * the lease was lost, and nothing was changed.
 */
const SET_PROGRESS = `${heldRuns("complete", { columns: ", progress", arrays: ", $3::jsonb[]" })}
  UPDATE millrace.jobs j SET progress = held.progress, updated_at = now()
  FROM held WHERE j.id = held.id
  RETURNING j.id`;

/** A run and how far it has come, as JSON text. */
export interface RunProgress extends Lease {
  progress: string;
}

/** Writes the progress of runs, one entry a run. Returns those refused because their lease was lost. */
export async function setProgress(db: Executor, items: readonly RunProgress[]): Promise<Lease[]> {
  const ordered = inIdOrder(items);
  const { rows } = await db.query(SET_PROGRESS, [
    ...leaseArrays(ordered),
    ordered.map((item) => item.progress),
  ]);
  return refusedOf(items, rows);
}
