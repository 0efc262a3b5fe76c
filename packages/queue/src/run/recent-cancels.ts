import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/** How many requests are remembered: more than arrive while a claim is under way. */
const REMEMBERED_MAX = 1_000;

/**
 * Remembers requests to cancel runs that this worker does not hold. Other workers hold most of these runs. But a run's
 * claim may be committed, and its answer still on its way to this worker.
 */
export class RecentCancels {
  readonly #keys = new Set<string>();

  /** Remembers that this run's cancel was requested. */
  heard(lease: Lease): void {
    this.#keys.add(runKey(lease));
    const [oldest] = this.#keys;
    if (this.#keys.size > REMEMBERED_MAX && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Whether a cancel of this run was requested before the worker took the run. Forgets the request. */
  concern(lease: Lease): boolean {
    // Called for each claimed job: check the size first, because the set is nearly always empty.
    return this.#keys.size > 0 && this.#keys.delete(runKey(lease));
  }
}
