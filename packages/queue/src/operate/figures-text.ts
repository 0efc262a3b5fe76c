/** The units of a duration, in ms, the longest first. */
const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** A duration in ms as text for people, with at most two units: `3 h 5 min`. Less than a second is `0 s`. */
export function durationText(ms: number): string {
  let left = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
    // No unit follows a unit of 0: `3 d 7 s` would be more exact than anybody needs.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** A number of things as text: `1 worker`, `12,000 jobs`. */
export function countText(count: number, thing: string): string {
  return `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
}

/** An instant as text. */
export function instantText(instant: Date): string {
  return instant.toISOString();
}
