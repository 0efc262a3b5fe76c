import { expect, test } from "vitest";
import { commonText } from "./kind-search.ts";

test.each([
  ["timeout after <n> ms for user <id>", "timeout after"],
  ['Cannot read "…" of undefined', "of undefined"],
  ["Error: 'a' failed", "Error: 'a' failed"],
  ["<n>", null],
  ["(no error text)", null],
])("what errors of the kind %j have in common is %j", (fingerprint, text) => {
  expect(commonText(fingerprint)).toBe(text);
});
