import type { Lease } from "./job.ts";

/** What became of an extension. */
export interface ExtendResult {
  /** Runs whose lease was lost: nothing was changed about them. */
  refused: Lease[];
  /**
   * Runs whose row another transaction had locked, for instance one that completes them: they were passed over. Nobody
   * can take them while it lasts.
   */
  locked: Lease[];
  /** Runs that still hold their lease and were asked to be canceled. */
  cancelRequested: Lease[];
}
