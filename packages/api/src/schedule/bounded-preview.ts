import type { Clock } from "@millrace/base";
import { type Preview, type Previewed, preview } from "@millrace/scheduler";

/** How many ticks are computed at a time. */
const PART = 5;

/** How long a preview may compute, in ms. Ticks that are decades apart take some ms each. */
const COMPUTE_MS = 200;

/**
 * Previews `count` ticks after an instant; fewer ticks if they take too long to compute, because they are decades or
 * centuries apart. Throws as `preview` does.
 */
export function boundedPreview(
  previewed: Previewed,
  { after, count, clock }: { after: Date; count: number; clock: Clock },
): Preview {
  const until = clock.now() + COMPUTE_MS;
  // An interval without an anchor counts from the first instant, in every part.
  const whole = { ...previewed, createdAt: after };
  const next = (from: Date, most: number) => preview(whole, { after: from, count: Math.min(PART, most) });
  const found = next(after, count);
  const ticks = [...found.ticks];
  for (let part = found.ticks; ticks.length < count && clock.now() < until; ) {
    const last = part.at(-1);
    if (last === undefined || part.length < PART) break;
    part = next(last.tickAt, count - ticks.length).ticks;
    ticks.push(...part);
  }
  return { ...found, ticks };
}
