import { describe, expect, test } from "vitest";
import { describeCron } from "./describe-cron.ts";

describe("describeCron", () => {
  test.each([
    ["30 2 * * *", "At 02:30"],
    ["*/15 9-17 * * mon-fri", "Every 15 minutes, between 09:00 and 17:59, Monday through Friday"],
    ["*/20 * * * * *", "Every 20 seconds"],
    ["0 0 L * *", "At 00:00, on the last day of the month"],
    ["0 9 * * 1#2", "At 09:00, on the second Monday of the month"],
    ["0 9 * * 5L", "At 09:00, on the last Friday of the month"],
    ["0 0 * * 7", "At 00:00, only on Sunday"],
    [" @Hourly ", "Every hour"],
    ["@weekly", "At 00:00, only on Sunday"],
    // A step that is longer than its field takes one value, whatever the text seems to say.
    ["*/90 * * * *", "Every hour"],
    ["0 */36 * * *", "At 00:00"],
  ])("%s is: %s", (expression, words) => {
    expect(describeCron(expression)).toBe(words);
  });

  test.each([
    ["0 0 13 * 5", "At 00:00, on day 13 of the month, or on Friday"],
    [
      "30 0 0 13 * 5L",
      "At 00:00:30, on day 13 of the month; or at 00:00:30, on the last Friday of the month",
    ],
    ["0 0 13 * 1-5", "At 00:00, on day 13 of the month; or at 00:00, Monday through Friday"],
  ])("%s, with two day fields of which either may match, is: %s", (expression, words) => {
    expect(describeCron(expression)).toBe(words);
  });

  test("an expression that cannot be scheduled has no words", () => {
    expect(() => describeCron("61 * * * *")).toThrow(expect.objectContaining({ code: "INVALID_CRON" }));
  });
});
