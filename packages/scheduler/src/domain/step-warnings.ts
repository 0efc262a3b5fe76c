import { InvalidCronError } from "../errors.ts";
import { splitFields } from "./cron.ts";
import { type CronStep, longSteps, stepsOf, withoutLongSteps } from "./cron-steps.ts";
import { describeCron } from "./describe-cron.ts";
import { findUnevenGap, type UnevenGap } from "./uneven-step.ts";

/** The unit of each field, seconds first: its name, its length in ms if there is one, and how people read a tick. */
const UNITS = [
  { name: "second", ms: 1_000, short: " s", read: (text: Readings) => text.second },
  { name: "minute", ms: 60_000, short: " min", read: (text: Readings) => text.time },
  { name: "hour", ms: 3_600_000, short: " h", read: (text: Readings) => text.time },
  { name: "day", ms: 86_400_000, short: null, read: (text: Readings) => text.day },
  { name: "month", ms: null, short: null, read: (text: Readings) => text.month },
  { name: "day", ms: 86_400_000, short: null, read: (text: Readings) => text.weekday },
] as const;

/**
 * Refuses a step that is longer than its field, such as 90 minutes, because the step would not do what it says.
 * Throws `InvalidCronError`, which says what the expression would do and what to write.
 */
export function refuseLongSteps(expression: string): void {
  const [step] = longSteps(expression);
  if (step === undefined) return;
  const example = withoutLongSteps(expression);
  throw new InvalidCronError(expression, {
    field: step.field,
    reason: longReason(expression, step),
    example,
  });
}

/** How many expressions with their warnings are kept. */
const KEPT_MAX = 1_000;
const kept = new Map<string, readonly string[]>();

/**
 * Returns a sentence for each step of an expression that does not go on evenly, with the gap that differs. Also for
 * each step that `refuseLongSteps` refuses, because older rows may have one. Throws `InvalidCronError`.
 */
export function stepWarnings(expression: string): readonly string[] {
  const known = kept.get(expression);
  if (known !== undefined) return known;
  const warnings = [
    ...longSteps(expression).map((step) => `${step.field}: ${longReason(expression, step)}.`),
    ...stepsOf(withoutLongSteps(expression)).flatMap((step) => unevenWarning(expression, step)),
  ];
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(expression, warnings);
  return warnings;
}

function longReason(expression: string, { index, text, every, values }: CronStep): string {
  const unit = UNITS[index] ?? UNITS[2];
  const means = withoutLongSteps(expression);
  const instead =
    unit.ms === null
      ? "write the months that are meant"
      : `give everyMs: ${grouped(every * unit.ms)} in place of cron`;
  return (
    `${JSON.stringify(text)} takes only the value ${values.join()}, so that the expression means ` +
    `${JSON.stringify(means)} (${describeCron(means)}), not every ${every} ${unit.name}s; for that, ${instead}`
  );
}

function unevenWarning(expression: string, step: CronStep): string[] {
  const unit = UNITS[step.index] ?? UNITS[2];
  if (step.every === 1 || !step.alone) return [];
  const says = `${step.field}: ${JSON.stringify(step.text)} is not every ${step.every} ${unit.name}s`;
  if (!step.open) {
    return step.values.length > 1 ? [] : [`${says}: the step takes only the value ${step.values.join()}.`];
  }
  if (isEitherDay(expression, step.index)) return [];
  const gap = findUnevenGap(withoutLongSteps(expression), step);
  if (gap === null) return [];
  return [`${says}: after ${unit.read(readings(gap.before))} the next tick is ${later(gap, unit)}.`];
}

/** With both day fields restricted, either may match, and a step of one of them says nothing about gaps. */
function isEitherDay(expression: string, index: number): boolean {
  const [, , , dayOfMonth, , dayOfWeek] = splitFields(expression);
  const other = index === 3 ? dayOfWeek : index === 5 ? dayOfMonth : "*";
  return other !== "*" && other !== "?";
}

function later({ after, gap }: UnevenGap, { name, short, read }: (typeof UNITS)[number]): string {
  const distance = `${gap}${short ?? ` ${name}${gap === 1 ? "" : "s"}`}`;
  return `${read(readings(after))}, ${distance} later`;
}

/** A reading of the clock, as people say it. */
interface Readings {
  second: string;
  time: string;
  day: string;
  month: string;
  weekday: string;
}

function readings(reading: number): Readings {
  const date = new Date(reading);
  const say = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleString("en-GB", { ...options, timeZone: "UTC" });
  return {
    second: say({ timeStyle: "medium" }),
    time: say({ timeStyle: "short" }),
    day: say({ day: "numeric", month: "long" }),
    month: say({ month: "long" }),
    weekday: say({ weekday: "long" }),
  };
}

/** Returns a number as code writes it: 5_400_000. */
function grouped(number: number): string {
  return number.toLocaleString("en-US").replaceAll(",", "_");
}
