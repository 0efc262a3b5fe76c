import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/** So many requests are remembered: as many as may arrive while one claim is answered, and more. */
const REMEMBERED_MAX = 1_000;

/**
 * Requests to cancel runs that this worker does not hold. Most concern runs of other workers; but one may concern a run
 * whose claim is committed, and the claim's answer still on its way.
 */
export class RecentCancels {
  readonly #keys = new Set<string>();

  /** A request to cancel this run was heard. */
  heard(lease: Lease): void {
    this.#keys.add(runKey(lease));
    const [oldest] = this.#keys;
    if (this.#keys.size > REMEMBERED_MAX && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Whether this run was asked to be canceled before the worker took it; asks once. */
  concern(lease: Lease): boolean {
    // Asked of each claimed job, and nearly always empty.
    return this.#keys.size > 0 && this.#keys.delete(runKey(lease));
  }
}
