import { type Preview, type Previewed, preview } from "@millrace/scheduler";

/** How many ticks are computed at a time. */
const PART = 5;

/** How far a preview looks ahead, in ms: a hundred years. A tick that is decades away takes some ms to compute. */
const AHEAD_MS = 100 * 365.25 * 86_400_000;

/**
 * Previews `count` ticks after an instant; fewer ticks when these reach further than a hundred years, so that no
 * expression keeps the process busy for long. Throws as `preview` does.
 *
 * @example
 * const { words, ticks } = boundedPreview({ cron: "0 0 29 2 sat" }, { after: now, count: 50 });
 */
export function boundedPreview(
  previewed: Previewed,
  { after, count }: { after: Date; count: number },
): Preview {
  const until = after.getTime() + AHEAD_MS;
  // An interval without an anchor counts from the first instant, in every part.
  const whole = { ...previewed, createdAt: after };
  const next = (from: Date, most: number) => preview(whole, { after: from, count: Math.min(PART, most) });
  const found = next(after, count);
  const ticks = [...found.ticks];
  for (let part = found.ticks; ticks.length < count; ticks.push(...part)) {
    const last = part.at(-1);
    if (last === undefined || part.length < PART || last.tickAt.getTime() > until) break;
    part = next(last.tickAt, count - ticks.length).ticks;
  }
  return { ...found, ticks };
}
