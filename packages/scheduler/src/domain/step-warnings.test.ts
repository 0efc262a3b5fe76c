import { describe, expect, test } from "vitest";
import { InvalidCronError } from "../errors.ts";
import { checkCron } from "./check-cron.ts";
import { parseCron } from "./cron.ts";
import { stepWarnings } from "./step-warnings.ts";

function refusal(expression: string): InvalidCronError {
  try {
    checkCron(expression);
  } catch (error) {
    if (error instanceof InvalidCronError) return error;
    throw error;
  }
  throw new Error(`${expression} was not refused`);
}

describe("a step that is longer than its field", () => {
  test("is refused with what it would do, and with what to write", () => {
    expect(refusal("*/90 * * * *").message).toBe(
      'Invalid cron expression "*/90 * * * *": minute: "*/90" takes only the value 0, so that the expression means ' +
        '"0 * * * *" (Every hour), not every 90 minutes; for that, give everyMs: 5_400_000 in place of cron. ' +
        "For example: 0 * * * *",
    );
  });

  test.each([
    ["*/61 * * * * *", "second", "0 * * * * *", "everyMs: 61_000"],
    ["0 */36 * * *", "hour", "0 0 * * *", "everyMs: 129_600_000"],
    ["0 0 */40 * *", "dayOfMonth", "0 0 1 * *", "everyMs: 3_456_000_000"],
    ["0 0 1 */14 *", "month", "0 0 1 1 *", "write the months that are meant"],
    ["0 0 * * */8", "dayOfWeek", "0 0 * * 0", "everyMs: 691_200_000"],
    ["0 0 * * mon-fri/9", "dayOfWeek", "0 0 * * 1", "everyMs: 777_600_000"],
    ["5,*/90 * * * *", "minute", "5,0 * * * *", "everyMs: 5_400_000"],
  ])("%s: the %s", (expression, field, meaning, instead) => {
    const error = refusal(expression);

    expect(error).toMatchObject({ code: "INVALID_CRON", field, example: meaning });
    expect(error.reason).toContain(instead);
    // What it is said to mean has the same ticks.
    expect(parseCron(error.example).nextReading(0)).toBe(parseCron(expression).nextReading(0));
  });

  test("of a schedule that exists is a warning", () => {
    expect(stepWarnings("*/90 * * * *")).toEqual([`minute: ${refusal("*/90 * * * *").reason}.`]);
  });
});

describe("a step that begins anew before it is over", () => {
  test.each([
    ["0 */7 * * *", ['hour: "*/7" is not every 7 hours: after 21:00 the next tick is 00:00, 3 h later.']],
    [
      "30 0-23/5 * * *",
      ['hour: "0-23/5" is not every 5 hours: after 20:30 the next tick is 00:30, 4 h later.'],
    ],
    ["0 12/5 * * *", ['hour: "12/5" is not every 5 hours: after 22:00 the next tick is 12:00, 14 h later.']],
    [
      "*/7 * * * *",
      ['minute: "*/7" is not every 7 minutes: after 00:56 the next tick is 01:00, 4 min later.'],
    ],
    [
      "*/7 9-17 * * *",
      ['minute: "*/7" is not every 7 minutes: after 09:56 the next tick is 10:00, 4 min later.'],
    ],
    [
      "50/20 * * * *",
      ['minute: "50/20" is not every 20 minutes: after 00:50 the next tick is 01:50, 60 min later.'],
    ],
    ["0-30/45 * * * *", ['minute: "0-30/45" is not every 45 minutes: the step takes only the value 0.']],
    [
      "*/7 * * * * *",
      ['second: "*/7" is not every 7 seconds: after 00:00:56 the next tick is 00:01:00, 4 s later.'],
    ],
    [
      "0 0 */2 * *",
      ['dayOfMonth: "*/2" is not every 2 days: after 31 January the next tick is 1 February, 1 day later.'],
    ],
    [
      "0 0 */31 * *",
      ['dayOfMonth: "*/31" is not every 31 days: after 1 February the next tick is 1 March, 28 days later.'],
    ],
    [
      "0 0 1 */5 *",
      ['month: "*/5" is not every 5 months: after November the next tick is January, 2 months later.'],
    ],
    [
      "0 0 * * */2",
      ['dayOfWeek: "*/2" is not every 2 days: after Saturday the next tick is Sunday, 1 day later.'],
    ],
    [
      "0 0 * * mon/3",
      ['dayOfWeek: "mon/3" is not every 3 days: after Sunday the next tick is Monday, 1 day later.'],
    ],
    [
      // Minute 56 of one hour is not followed by minute 0 of the next one.
      "*/8 */5 * * *",
      ['hour: "*/5" is not every 5 hours: after 20:00 the next tick is 00:00, 4 h later.'],
    ],
  ])("%s", (expression, warnings) => {
    expect(checkCron(expression)).toEqual(warnings);
  });
});

describe("no warning is given for", () => {
  test.each([
    ["a step that divides its field", "*/15 * * * *"],
    ["a step of a whole field", "*/60 */24 * * *"],
    ["a step from later on that goes on evenly", "5/20 * * * *"],
    ["a step of one", "*/1 */1 */1 */1 */1"],
    ["a step through part of a field", "0 9-17/3 * * *"],
    ["a step that only one hour of the day has", "*/7 9 * * *"],
    ["a step that only one day of the week has", "0 */7 * * mon"],
    ["a step in a list", "*/7,3 * * * *"],
    ["days of which either may match", "0 0 */2 * mon"],
    ["a week", "0 0 * * */7"],
    ["a name", "@hourly"],
    ["no step", "30 2 * * mon-fri"],
  ])("%s: %s", (_what, expression) => {
    expect(checkCron(expression)).toEqual([]);
  });
});

test("an expression that cannot be parsed has no warnings, but its error", () => {
  expect(refusal("61 * * * *")).toMatchObject({ field: "minute" });
});
