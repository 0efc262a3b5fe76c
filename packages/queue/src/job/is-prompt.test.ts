import { expect, test } from "vitest";
import { isPrompt } from "./is-prompt.ts";

const CREATED_AT = new Date("2026-03-01T12:00:00Z");
const job = { id: "1", queue: "q", type: "t", payload: null, maxAttempts: 3 };
const claimedAfter = (ms: number) => (CREATED_AT.getTime() + ms) * 1_000;

test.each([
  ["a first attempt soon after the enqueue", 1, 0, 29_999, true],
  ["a first attempt half a minute later", 1, 0, 30_001, false],
  ["a second attempt", 2, 0, 10, false],
  ["an attempt after a crash", 1, 1, 10, false],
])("%s", (_what, attempt, crashes, ms, prompt) => {
  expect(isPrompt({ ...job, attempt, crashes, leaseToken: claimedAfter(ms) }, CREATED_AT)).toBe(prompt);
});
