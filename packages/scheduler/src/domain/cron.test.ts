import { describe, expect, test } from "vitest";
import { InvalidCronError } from "../errors.ts";
import { parseCron } from "./cron.ts";

const reading = (text: string) => Date.parse(`${text}Z`);
const next = (expression: string, after: string) => {
  const found = parseCron(expression).nextReading(reading(after));
  return found === null ? null : new Date(found).toISOString().slice(0, 19);
};

describe("parseCron", () => {
  test.each([
    ["30 2 * * *", "2025-01-01T02:30:00", "2025-01-02T02:30:00"],
    ["*/15 9-17 * * mon-fri", "2025-01-03T17:45:00", "2025-01-06T09:00:00"],
    ["*/20 * * * * *", "2025-01-01T00:00:19", "2025-01-01T00:00:20"],
    ["0 0 L * *", "2025-02-01T00:00:00", "2025-02-28T00:00:00"],
    ["0 9 * * 1#2", "2025-01-01T00:00:00", "2025-01-13T09:00:00"],
    ["0 9 * * 5L", "2025-01-01T00:00:00", "2025-01-31T09:00:00"],
    ["0 0 13 * 5", "2025-06-01T00:00:00", "2025-06-06T00:00:00"],
    ["0 0 29 2 *", "2096-03-01T00:00:00", "2104-02-29T00:00:00"],
    ["0 0 * * 7", "2025-01-01T00:00:00", "2025-01-05T00:00:00"],
    ["  0  0 * * *  ", "2025-01-01T00:00:00", "2025-01-02T00:00:00"],
    ["@yearly", "2025-01-01T00:00:00", "2026-01-01T00:00:00"],
    ["@monthly", "2025-01-01T00:00:00", "2025-02-01T00:00:00"],
    ["@weekly", "2025-01-01T00:00:00", "2025-01-05T00:00:00"],
    ["@midnight", "2025-01-01T00:00:00", "2025-01-02T00:00:00"],
    ["@Hourly", "2025-01-01T00:00:00", "2025-01-01T01:00:00"],
    ["@minutely", "2025-01-01T00:00:00", "2025-01-01T00:01:00"],
  ])("%s after %s is %s", (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  test("a reading is found strictly after a fraction of a second", () => {
    expect(next("* * * * * *", "2025-01-01T00:00:00.999")).toBe("2025-01-01T00:00:01");
  });

  test.each([
    ["61 * * * *", "minute"],
    ["* 24 * * *", "hour"],
    ["60 * * * * *", "second"],
    ["* * 0 * *", "dayOfMonth"],
    ["* * * 13 *", "month"],
    ["* * * foo *", "month"],
    ["* * * * 8", "dayOfWeek"],
    ["* * * * fri-mon", "dayOfWeek"],
    ["*/0 * * * *", "minute"],
    ["-1 * * * *", "minute"],
    ["5-1 * * * *", "minute"],
    ["1,,2 * * * *", "minute"],
    ["0 0 31 2 *", "dayOfMonth"],
    ["", "expression"],
    ["* * * *", "expression"],
    ["* * * * * * *", "expression"],
    ["@reboot", "expression"],
    ["@__proto__", "expression"],
    [`${"0,".repeat(50)}1 * * * *`, "expression"],
  ])("%s is refused, with %s to blame, a reason and an example that parses", (expression, field) => {
    const error = refusal(expression);

    expect(error).toMatchObject({ code: "INVALID_CRON", field, expression });
    expect(error.message).toContain(error.reason);
    expect(parseCron(error.example).nextReading(0)).not.toBeNull();
  });

  test.each(["H * * * *", "0 H(0-5) * * *", "0 0 * H *", "0 0 * * H"])(
    "%s is refused: a hash draws another tick for every parse",
    (expression) => {
      expect(refusal(expression).code).toBe("INVALID_CRON");
    },
  );

  test("names that contain an h are no hashes", () => {
    expect(next("0 0 * MAR THU", "2025-01-01T00:00:00")).toBe("2025-03-06T00:00:00");
  });

  test.each([
    ["30 2 * * *", { steps: false, everyHour: false }],
    ["0,15,30,45 2 * * *", { steps: false, everyHour: false }],
    ["*/10 30 2 * * *", { steps: false, everyHour: false }],
    ["0 9-17 * * *", { steps: false, everyHour: false }],
    ["*/15 2 * * *", { steps: true, everyHour: false }],
    ["0-59 2 * * *", { steps: true, everyHour: false }],
    ["0 */2 * * *", { steps: true, everyHour: false }],
    ["0 0-23/2 * * *", { steps: true, everyHour: false }],
    ["30 * * * *", { steps: true, everyHour: true }],
    ["30 0-23 * * *", { steps: true, everyHour: true }],
  ])("%s has %j", (expression, expected) => {
    expect(parseCron(expression)).toMatchObject(expected);
  });
});

function refusal(expression: string): InvalidCronError {
  try {
    parseCron(expression);
  } catch (error) {
    if (error instanceof InvalidCronError) return error;
    throw error;
  }
  throw new Error(`${expression} was not refused`);
}
