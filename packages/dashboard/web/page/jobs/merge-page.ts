/** What a list shows, after a newer answer for the same list came. */
export interface MergedPage<Row> {
  /** The rows that were shown, in the same places, each as it is now. */
  rows: Row[];
  /** The ids of shown rows that no longer are in this list. */
  gone: ReadonlySet<string>;
  /** How many rows are new: they are not shown yet. */
  added: number;
}

/**
 * Brings the shown rows up to date and moves none of them, so that nobody clicks a row that has just moved there. A row
 * that the newer answer lacks is gone if a later row is still there. Else new rows may have pushed the missing row onto
 * the next page, unless the answer has the whole list.
 */
export function mergePage<Row extends { id: string }>(
  shown: readonly Row[],
  fresh: readonly Row[],
  { isWhole }: { isWhole: boolean },
): MergedPage<Row> {
  const now = new Map(fresh.map((row) => [row.id, row]));
  const lastKept = shown.findLastIndex(({ id }) => now.has(id));
  const missing = shown.filter(({ id }, index) => !now.has(id) && (isWhole || index < lastKept));
  const known = new Set(shown.map(({ id }) => id));
  return {
    rows: shown.map((row) => now.get(row.id) ?? row),
    gone: new Set(missing.map(({ id }) => id)),
    added: fresh.filter(({ id }) => !known.has(id)).length,
  };
}
