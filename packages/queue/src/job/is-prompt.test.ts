import { expect, test } from "vitest";
import { isPrompt } from "./is-prompt.ts";

test.each([
  ["a first attempt soon after the enqueue", 1, 0, 29_999, true],
  ["a first attempt half a minute later", 1, 0, 30_001, false],
  ["a second attempt", 2, 0, 10, false],
  ["an attempt after a crash", 1, 1, 10, false],
])("%s", (_what, attempt, crashes, ms, prompt) => {
  expect(isPrompt({ attempt, crashes }, ms)).toBe(prompt);
});
