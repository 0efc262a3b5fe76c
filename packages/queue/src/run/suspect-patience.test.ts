import { expect, test } from "vitest";
import { SuspectPatience } from "./suspect-patience.ts";

test("each wait in vain doubles the next one, and is followed by three times as long of other work", () => {
  const patience = new SuspectPatience();
  patience.gaveUp(10_000);

  expect(patience.ms).toBe(20_000);
  expect([patience.refuses(39_999), patience.refuses(40_000)]).toEqual([true, false]);
  patience.gaveUp(60_000);
  expect(patience.ms).toBe(40_000);
});

test("a suspect that ran makes the next wait short again", () => {
  const patience = new SuspectPatience();
  patience.gaveUp(0);
  patience.ran();

  expect(patience.ms).toBe(10_000);
  expect(patience.refuses(1)).toBe(false);
});
