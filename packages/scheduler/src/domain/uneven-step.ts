import { parseCron, splitFields, valuesOf } from "./cron.ts";
import { type CronStep, FIELD_SIZES } from "./cron-steps.ts";
import { DAY_MS } from "./time-zone.ts";

/** Two ticks after each other that are not one step apart, as the clock reads. Readings are in ms, as in `Cron`. */
export interface UnevenGap {
  before: number;
  after: number;
  /** The distance of the two, in units of the field: seconds, minutes, hours, days or months. */
  gap: number;
}

/** How far the search for an uneven gap goes, in ticks: past three of the longest periods, which have 31 values. */
const SEARCHED_MAX = 100;

/** Where the search begins. The first uneven gap after that serves as the example. */
const SEARCHED_FROM = Date.UTC(2025, 0, 1) - 1;

/**
 * Finds a gap that is not the step: where the field begins anew, at the next minute, hour, day, week, month or year.
 * Returns null when every such gap is one step, or when the other fields leave no such gap.
 */
export function findUnevenGap(expression: string, step: CronStep): UnevenGap | null {
  if (isEven(step)) return null;
  const { unitOf, isNext } = MEASURES[step.index] ?? HOUR_MEASURE;
  const cron = parseCron(coarse(splitFields(expression), step.index));
  let before = cron.nextReading(SEARCHED_FROM);
  for (let count = 0; before !== null && count < SEARCHED_MAX; count += 1) {
    const after = cron.nextReading(before);
    if (after === null) return null;
    const gap = unitOf(after) - unitOf(before);
    if (gap !== step.every && isNext(before, after)) return { before, after, gap };
    before = after;
  }
  return null;
}

/** Whether the values are one step apart all around. Never for days of a month, because months differ in length. */
function isEven({ index, every, values }: CronStep): boolean {
  const size = FIELD_SIZES[index] ?? 0;
  // Sunday is both 0 and 7.
  const taken = [...new Set(index === 5 ? values.map((value) => value % size) : values)];
  const [first = 0] = taken;
  return size !== 31 && taken.every((value, place) => (taken[place + 1] ?? first + size) - value === every);
}

/** Leaves one value to each finer field, so that the search does not stop at each minute of a step of hours. */
function coarse(fields: readonly string[], index: number): string {
  const finest = Math.min(index, 3);
  return fields
    .map((text, other) => (other < finest ? String(Math.min(...valuesOf(other, text))) : text))
    .join(" ");
}

/** How a reading is measured in a field. */
interface Measure {
  /** Counts the field's own unit. */
  unitOf(reading: number): number;
  /** Whether `after` is in the period that follows the one of `before`. A period has each value of the field once. */
  isNext(before: number, after: number): boolean;
}

const per = (ms: number) => (reading: number) => Math.floor(reading / ms);
const monthOf = (reading: number) => {
  const date = new Date(reading);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const yearOf = (reading: number) => new Date(reading).getUTCFullYear();
const following = (periodOf: Measure["unitOf"]) => (before: number, after: number) =>
  periodOf(after) === periodOf(before) + 1;

const HOUR_MEASURE: Measure = { unitOf: per(3_600_000), isNext: following(per(DAY_MS)) };

/** The measure of each field, seconds first. */
const MEASURES: readonly Measure[] = [
  { unitOf: per(1_000), isNext: following(per(60_000)) },
  { unitOf: per(60_000), isNext: following(per(3_600_000)) },
  HOUR_MEASURE,
  { unitOf: per(DAY_MS), isNext: following(monthOf) },
  { unitOf: monthOf, isNext: following(yearOf) },
  // Weeks have no first day: Sunday is both 0 and 7.
  { unitOf: per(DAY_MS), isNext: (before, after) => after - before <= 7 * DAY_MS },
];
