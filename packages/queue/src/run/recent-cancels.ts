import type { Lease } from "../job/job.ts";

/** So many requests are remembered: as many as may arrive while one claim is answered, and more. */
const REMEMBERED_MAX = 1_000;

/**
 * Requests to cancel runs that this worker does not hold. Most are about other workers' runs; but one may be about a
 * run whose claim has been committed and whose answer is still on its way.
 */
export class RecentCancels {
  readonly #keys = new Set<string>();

  /** Such a request was heard. */
  heard(lease: Lease): void {
    this.#keys.add(keyOf(lease));
    const [oldest] = this.#keys;
    if (this.#keys.size > REMEMBERED_MAX && oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Whether this run was asked to be canceled before it was taken. */
  concern(lease: Lease): boolean {
    // Asked of each claimed job, and nearly always empty.
    return this.#keys.size > 0 && this.#keys.delete(keyOf(lease));
  }
}

const keyOf = ({ id, leaseToken }: Lease) => `${id} ${leaseToken}`;
