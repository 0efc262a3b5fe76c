import { expect, test } from "vitest";
import { mergeSettings } from "./set-queue.ts";

const SET = {
  timeoutMs: 1_000,
  retentionMs: 2_000,
  backoff: { baseMs: 10, capMs: 20 },
  deadLetter: { type: "dead", queue: "graves" },
};

test("what is not given stays as it is", () => {
  expect(mergeSettings(SET, { timeout: 5 })).toEqual({ ...SET, timeoutMs: 5 });
});

test("none takes a setting away, and the last part of a backoff the backoff", () => {
  expect(
    mergeSettings(SET, {
      timeout: "none",
      backoffBase: "none",
      backoffCap: "none",
      deadLetter: "none",
    }),
  ).toEqual({ retentionMs: 2_000 });
});

test("each part of a backoff is set by itself", () => {
  expect(mergeSettings(SET, { backoffJitter: 7, backoffCap: "none" }).backoff).toEqual({
    baseMs: 10,
    jitterMs: 7,
  });
});

test("a new dead letter does not keep the queue of the old one; a new queue keeps the type", () => {
  expect(mergeSettings(SET, { deadLetter: "other" }).deadLetter).toEqual({ type: "other" });
  expect(mergeSettings(SET, { deadLetterQueue: "more" }).deadLetter).toEqual({ type: "dead", queue: "more" });
  expect(() => mergeSettings({}, { deadLetterQueue: "more" })).toThrow("needs a --dead-letter");
});
