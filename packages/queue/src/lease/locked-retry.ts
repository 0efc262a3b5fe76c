/** A renewal that found a row locked tries the row again after this many ms, then after twice that, up to the last. */
const FIRST_MS = 50;
const LAST_MS = 2_000;

/**
 * What the last renewal skipped because its row was locked, and how soon it is tried again. Most such locks belong to
 * another write about the same job, and are short; a row that a transaction left open keeps locked is tried ever more
 * slowly.
 */
export class LockedRetry<Item> {
  #items: readonly Item[] = [];
  #waitMs = FIRST_MS;

  /** What the last renewal skipped. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** In how many ms the skipped items are tried again; endless when there are none. */
  get waitMs(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#waitMs;
  }

  /** A renewal skipped these items: one of all leases, or, with `again`, one of those that were skipped before. */
  skipped(items: readonly Item[], { again }: { again: boolean }): void {
    this.#items = items;
    this.#waitMs = again ? Math.min(LAST_MS, this.#waitMs * 2) : FIRST_MS;
  }
}
