import { expect, test } from "vitest";
import { parseDelay } from "./parse-delay.ts";

test.each([
  ["0", 0],
  ["1500", 1_500],
  ["250ms", 250],
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["36525d", 3_155_760_000_000],
])("%s is %i ms", (text, expected) => {
  expect(parseDelay(text)).toBe(expected);
});

test.each(["", "m", "-5s", "1.5h", "5 m", "5M", "5w", "1h30m", "36526d", "9".repeat(400), "constructor"])(
  "%j is refused, and the form is named",
  (text) => {
    expect(() => parseDelay(text)).toThrow("Expected a delay such as 30s, 5m, 2h, 1d or 1500 (ms)");
  },
);
