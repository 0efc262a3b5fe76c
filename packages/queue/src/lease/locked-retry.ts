/** A renewal that found a row locked tries it again after this many ms, then after twice that, up to the last. */
const FIRST_MS = 50;
const LAST_MS = 2_000;

/**
 * What a renewal passed over because its row was locked, and how soon it is tried again. Most such locks are another
 * write about the same job, and short; one of a transaction left open is asked about ever more slowly.
 */
export class LockedRetry<Held> {
  #held: readonly Held[] = [];
  #waitMs = FIRST_MS;

  /** Those that were passed over last. */
  get held(): readonly Held[] {
    return this.#held;
  }

  /** In how many ms they are tried again; endless when there are none. */
  get waitMs(): number {
    return this.#held.length === 0 ? Number.POSITIVE_INFINITY : this.#waitMs;
  }

  /** A renewal passed these over: one of all leases, or one of those that were tried again. */
  passedOver(held: readonly Held[], { again }: { again: boolean }): void {
    this.#held = held;
    this.#waitMs = again ? Math.min(LAST_MS, this.#waitMs * 2) : FIRST_MS;
  }
}
