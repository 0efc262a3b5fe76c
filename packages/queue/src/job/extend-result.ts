import type { Lease } from "./job.ts";

/** What became of the leases that were to be extended. A lease in neither `refused` nor `locked` was extended. */
export interface ExtendResult {
  /** Runs whose lease was lost. Nothing was changed about them. */
  refused: Lease[];
  /**
   * Runs that were skipped because another transaction has locked their claim, for instance to complete them. Nobody
   * can take their jobs while the lock lasts.
   */
  locked: Lease[];
  /** Runs that still hold their lease, and whose cancel was requested. */
  cancelRequested: Lease[];
}
