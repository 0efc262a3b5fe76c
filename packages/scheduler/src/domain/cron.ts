import { type CronExpression, CronExpressionParser } from "cron-parser";
import { type CronField, InvalidCronError } from "../errors.ts";

/**
 * A parsed expression. An expression knows wall-clock readings only; `nextTick` turns readings into instants of a zone.
 */
export interface Cron {
  /**
   * Returns the first matching wall-clock reading after another reading, or null when there is none.
   * A reading is in ms: `Date.UTC` of the year, month, day, hour, minute and second that the clock shows.
   */
  nextReading(after: number): number | null;
  /**
   * Whether the expression steps through hours or minutes. Such an expression follows elapsed time at a change back.
   */
  readonly steps: boolean;
  /** Whether every hour of a day is scheduled. Then no tick makes up for an hour that the clock skips. */
  readonly everyHour: boolean;
}

/** The longest expression of a schedule, in characters. */
export const CRON_LENGTH_MAX = 100;

/** The names that a schedule may have in place of an expression, each with its expression. */
export const CRON_NAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
  "@minutely": "* * * * *",
};

/**
 * The fields of an expression in their order, with the values that each takes. Five-field expressions begin at
 * `minute`.
 */
const FIELDS = [
  { field: "second", takes: "0-59", example: "*/10 * * * * *" },
  { field: "minute", takes: "0-59", example: "*/15 * * * *" },
  { field: "hour", takes: "0-23", example: "0 9-17 * * *" },
  { field: "dayOfMonth", takes: "1-31 or L", example: "0 6 1,15 * *" },
  { field: "month", takes: "1-12 or jan-dec", example: "0 6 1 jan,jul *" },
  {
    field: "dayOfWeek",
    takes: "0-7 or sun-sat, also 1#2 (second Monday) and 5L (last Friday)",
    example: "0 9 * * mon-fri",
  },
] as const satisfies readonly { field: CronField; takes: string; example: string }[];

const EXAMPLE = "*/15 9-17 * * mon-fri";

/**
 * Parses an expression:
 * - five fields: minute, hour, day of month, month, day of week,
 * - six fields, with seconds first,
 * - or a name such as `@hourly`.
 * When both day fields are restricted, a day matches that fits either field. Throws `InvalidCronError`.
 */
export function parseCron(expression: string): Cron {
  const fields = splitFields(expression);
  const parsed = parseFields(expression, fields);
  const { minute, hour } = parsed.fields;
  const everyHour = new Set(hour.values).size === 24;
  return {
    nextReading: (after) => nextReading(parsed, after),
    // Compares the values as well as the text: `0-59` means `*`, and `0-59/15` means `*/15`.
    steps: everyHour || new Set(minute.values).size === 60 || hasStep(fields[1]) || hasStep(fields[2]),
    everyHour,
  };
}

/** Returns the error for a well-formed expression whose time never comes. */
export function neverFires(expression: string): InvalidCronError {
  return new InvalidCronError(expression, {
    field: "expression",
    reason: "the time it names never comes",
    example: "0 6 1 * *",
  });
}

/** The six fields of an expression, as text, seconds first. */
export type SixFields = [string, string, string, string, string, string];

/** The names of the six fields, in their order. */
export const CRON_FIELDS: readonly CronField[] = FIELDS.map(({ field }) => field);

/** Returns the values that the text of one field takes, such as 0, 20 and 40 for `0/20` in the minute field. */
export function valuesOf(index: number, text: string): number[] {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parseReadings(
    FIELDS.map((_, other) => (other === index ? text : "*")).join(" "),
  ).fields;
  const field = [second, minute, hour, dayOfMonth, month, dayOfWeek][index];
  return (field?.values ?? []).filter((value) => typeof value === "number");
}

/** Splits an expression or the name of one into its fields. Throws `InvalidCronError` for another number of fields. */
export function splitFields(expression: string): SixFields {
  const refuse = (reason: string) =>
    new InvalidCronError(expression, { field: "expression", reason, example: EXAMPLE });
  if (typeof expression !== "string") throw refuse("expected a string");
  const text = expression.trim();
  if (text === "") throw refuse("it is empty");
  if ([...text].length > CRON_LENGTH_MAX) throw refuse(`it is longer than ${CRON_LENGTH_MAX} characters`);
  if (text.startsWith("@")) {
    const known = Object.hasOwn(CRON_NAMES, text.toLowerCase()) ? CRON_NAMES[text.toLowerCase()] : undefined;
    if (known === undefined) throw refuse(`the names are ${Object.keys(CRON_NAMES).join(", ")}`);
    return splitFields(known);
  }
  const parts = text.split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    throw refuse(`expected 5 fields, or 6 with seconds first, got ${parts.length}`);
  }
  const [second = "", minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] =
    parts.length === 6 ? parts : ["0", ...parts];
  return [second, minute, hour, dayOfMonth, month, dayOfWeek];
}

function parseFields(expression: string, fields: SixFields): CronExpression {
  try {
    for (const [index, { field }] of FIELDS.entries()) refuseHash(field, fields[index] ?? "");
    return parseReadings(fields.join(" "));
  } catch (cause) {
    throw new InvalidCronError(expression, findProblem(fields), { cause });
  }
}

/**
 * Parses in UTC, because the parser is exact on a clock that never changes. In other zones the parser skips and repeats
 * readings by its own rules. The tests of `nextTick` show the cases.
 */
function parseReadings(text: string): CronExpression {
  return CronExpressionParser.parse(text, { tz: "UTC", currentDate: new Date(0) });
}

/**
 * Refuses `H`. The parser draws a random value for `H` in every parse, so two schedulers would disagree about a tick.
 */
function refuseHash(field: CronField, text: string): void {
  const named = field === "month" || field === "dayOfWeek";
  if (/[H()]/.test(named ? text.replace(/[a-z]{3}/gi, "") : text)) throw new Error("H is not supported");
}

/** Finds the wrong field by parsing each field on its own. */
function findProblem(fields: SixFields) {
  for (const [index, { field, takes, example }] of FIELDS.entries()) {
    const text = fields[index] ?? "";
    try {
      refuseHash(field, text);
      parseReadings(FIELDS.map((_, other) => (other === index ? text : "*")).join(" "));
    } catch {
      const reason =
        `${JSON.stringify(text)} is not allowed: expected ${takes}, ` +
        "with *, lists (1,3), rising ranges (1-5) and steps (*/15), no value twice";
      return { field, reason, example };
    }
  }
  const reason = `day ${fields[3]} does not occur in month ${fields[4]}`;
  return { field: "dayOfMonth" as const, reason, example: "0 6 28 2 *" };
}

function hasStep(text: string): boolean {
  return /[*?/]/.test(text);
}

function nextReading(parsed: CronExpression, after: number): number | null {
  try {
    parsed.reset(new Date(after));
    return parsed.next().getTime();
  } catch {
    // A parsed expression throws only when no further match exists: the time never comes, or lies after the last
    // `Date`.
    return null;
  }
}
