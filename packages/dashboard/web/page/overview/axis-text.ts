import { figureText } from "../../text/count-text.ts";

const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** A figure beside an axis, in few characters: `950`, `12.5K`. Below ten it keeps two decimals. */
export function axisFigure(value: number): string {
  if (Math.abs(value) < 10) return String(Math.round(value * 100) / 100);
  return Math.abs(value) < 1_000 ? figureText(Math.round(value)) : COMPACT.format(value);
}

/** The steps of an axis of seconds: each a round figure in the unit that `axisSeconds` gives it. */
export const SECONDS_STEPS: readonly number[] = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 4, 6, 12].map((hours) => hours * 3_600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((days) => days * 86_400),
];

/** Seconds beside an axis, in one unit: `45 s`, `2.5 min`, `3 h`. */
export function axisSeconds(seconds: number): string {
  if (seconds === 0) return "0";
  if (seconds < 60) return `${axisFigure(seconds)} s`;
  if (seconds < 3_600) return `${oneDecimal(seconds / 60)} min`;
  return seconds < 172_800 ? `${oneDecimal(seconds / 3_600)} h` : `${oneDecimal(seconds / 86_400)} d`;
}

const oneDecimal = (value: number) => String(Math.round(value * 10) / 10);
