import { instantText } from "./instant-text.ts";
import type { View } from "./view.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** Formats an instant relative to now, rounded to its largest unit: `3 min ago`, `in 2 h`, `now`. */
export function relativeText(instant: Date, now: Date): string {
  const distanceMs = instant.getTime() - now.getTime();
  if (Number.isNaN(distanceMs)) return instantText(instant);
  // A unit also counts when rounding reaches it: 59.7 s are 1 min.
  const unit = UNITS.find(([, unitMs], at) => {
    const smallerMs = UNITS[at + 1]?.[1] ?? unitMs;
    return Math.round(Math.abs(distanceMs) / smallerMs) * smallerMs >= unitMs;
  });
  if (unit === undefined) return "now";
  const count = `${Math.round(Math.abs(distanceMs) / unit[1])} ${unit[0]}`;
  return distanceMs < 0 ? `${count} ago` : `in ${count}`;
}

/** Formats an instant as the view wants instants: relative to now, or absolute. */
export function whenText(view: View, instant: Date): string {
  return view.absolute ? instantText(instant) : relativeText(instant, view.now);
}

/** Formats an instant with all that is known: `2030-01-31T09:00:00Z (in 2 h)`. */
export function fullWhenText(view: View, instant: Date): string {
  const text = instantText(instant);
  return view.absolute || Number.isNaN(instant.getTime())
    ? text
    : `${text} (${relativeText(instant, view.now)})`;
}
