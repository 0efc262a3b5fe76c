import { expect, test } from "vitest";
import { ageSchema } from "./age.ts";

test.each([
  ["90s", 90_000],
  ["30 m", 1_800_000],
  ["12h", 43_200_000],
  ["30d", 2_592_000_000],
  ["8w", 4_838_400_000],
])("the age %s is %d ms", (text, ms) => {
  expect(ageSchema.parse(text)).toBe(ms);
});

test.each(["0d", "", "d", "-1d", "1.5d", "1y", "30", "999999999w", " 1d", "1d; drop"])(
  "%j is not an age",
  (text) => {
    expect(ageSchema.safeParse(text).success).toBe(false);
  },
);
