const FIGURES = new Intl.NumberFormat("en-US");

/** A number with separators: `12,345`. */
export function figureText(figure: number): string {
  return FIGURES.format(figure);
}

/** A count that may have been cut: `10,000+`. */
export function cappedText({ count, capped }: { count: number; capped: boolean }): string {
  return `${figureText(count)}${capped ? "+" : ""}`;
}

/** A count that may have been cut, with its noun: `1 job`, `10,000+ jobs`. */
export function cappedCountText(counted: { count: number; capped: boolean }, noun: string): string {
  return `${cappedText(counted)} ${counted.count === 1 ? noun : `${noun}s`}`;
}

/** A figure with its noun: `1 job`, `12,345 jobs`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${figureText(count)} ${count === 1 ? noun : plural}`;
}

/** A size in bytes for people: `812 B`, `14.2 kB`, `3.1 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
