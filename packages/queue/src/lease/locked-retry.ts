/**
 * An item whose claim was locked is tried again after the first wait, in ms. Each further wait is twice as long, up to
 * the last.
 */
const FIRST_MS = 50;
const LAST_MS = 2_000;

/**
 * The items that the last renewal skipped because their claim was locked, and when to try them again. Most locks are
 * short: another write about the claim holds them. If an open transaction keeps a claim locked, the waits grow.
 */
export class LockedRetry<Item> {
  #items: readonly Item[] = [];
  #waitMs = FIRST_MS;

  /** The items that the last renewal skipped. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Ms until the skipped items are tried again; `Infinity` if there are none. */
  get waitMs(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#waitMs;
  }

  /** A renewal skipped these items. `again`: it was a renewal of items that were skipped before, not of all leases. */
  skipped(items: readonly Item[], { again }: { again: boolean }): void {
    this.#items = items;
    this.#waitMs = again ? Math.min(LAST_MS, this.#waitMs * 2) : FIRST_MS;
  }
}
