import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/** How many requests are remembered: more than arrive while one claim is answered. */
const REMEMBERED_MAX = 1_000;

/**
 * Requests to cancel runs that this worker does not hold. Most of these runs are held by other workers. But a run's
 * claim may be committed, and its answer still on its way to this worker.
 */
export class RecentCancels {
  readonly #keys = new Set<string>();

  /** A request to cancel this run was heard. */
  heard(lease: Lease): void {
    this.#keys.add(runKey(lease));
    const [oldest] = this.#keys;
    if (this.#keys.size > REMEMBERED_MAX && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Whether a cancel of this run was requested before the worker took the run. Forgets the request. */
  concern(lease: Lease): boolean {
    // Called for each claimed job, and the set is nearly always empty.
    return this.#keys.size > 0 && this.#keys.delete(runKey(lease));
  }
}
