import { expect, test } from "vitest";
import { truncate } from "./truncate.ts";

test.each([
  ["abcd", "abcd"],
  ["abcde", "abc…"],
  ["🙂🙂🙂🙂🙂", "🙂🙂🙂…"],
])("%s in four characters is %s", (text, expected) => {
  expect(truncate(text, 4)).toBe(expected);
});
