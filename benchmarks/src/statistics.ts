/** The summary of repeated measurements of one number. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  count: number;
}

/** Returns the median, minimum, maximum and count of values. Throws `RangeError` for an empty list. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    count: sorted.length,
  };
}

/**
 * Returns the quantile `q` (0 to 1) of values in ascending order, interpolated between neighbours. Throws `RangeError`
 * for an empty list.
 */
export function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("a quantile of no values");
  return below + (above - below) * (position - Math.floor(position));
}
