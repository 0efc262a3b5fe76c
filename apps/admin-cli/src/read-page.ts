/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The key of the last item, for the command line of the next page; null if no item follows. */
  readonly next: string | null;
}

/** The most items that the library returns at once. */
export const PAGE_MAX = 1_000;

/** Reads at most `limit` items; with `after`, those that follow the item with this key. */
export type ReadItems<Item> = (part: { limit: number; after?: string }) => Promise<readonly Item[]>;

/** Reads a page of at most `limit` items, and whether there are more. `keyOf` returns what continues after an item. */
export async function readPage<Item>(
  limit: number,
  read: ReadItems<Item>,
  keyOf: (item: Item) => string,
): Promise<Page<Item>> {
  // One item more than asked for says whether there are more.
  const wanted = Math.min(limit + 1, PAGE_MAX);
  const found = await read({ limit: wanted });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || found.length < wanted) return { items, next: null };
  const next = keyOf(last);
  if (found.length > limit) return { items, next };
  return { items, next: (await read({ limit: 1, after: next })).length === 0 ? null : next };
}
