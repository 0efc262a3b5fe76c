/**
 * A renewal that found a row locked tries the row again after this many ms. Each further wait is twice as long, up to
 * the last.
 */
const FIRST_MS = 50;
const LAST_MS = 2_000;

/**
 * The items that the last renewal skipped because their row was locked, and when to try them again. Most such locks
 * belong to another write about the same job, and are short. If an open transaction keeps a row locked, the row is
 * tried ever more slowly.
 */
export class LockedRetry<Item> {
  #items: readonly Item[] = [];
  #waitMs = FIRST_MS;

  /** The items that the last renewal skipped. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Ms until the skipped items are tried again; endless when there are none. */
  get waitMs(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#waitMs;
  }

  /**
   * A renewal skipped these items. With `again`, it was a renewal of items that were skipped before; else, of all
   * leases.
   */
  skipped(items: readonly Item[], { again }: { again: boolean }): void {
    this.#items = items;
    this.#waitMs = again ? Math.min(LAST_MS, this.#waitMs * 2) : FIRST_MS;
  }
}
