import { expect, test } from "vitest";
import { LockedRetry } from "./locked-retry.ts";

test("what was passed over is tried again ever more slowly, and anew after a renewal of all", () => {
  const retry = new LockedRetry<string>();
  expect(retry.waitMs).toBe(Number.POSITIVE_INFINITY);

  retry.passedOver(["a", "b"], { again: false });
  const waits = [retry.waitMs];
  for (let n = 0; n < 7; n += 1) {
    retry.passedOver(["a"], { again: true });
    waits.push(retry.waitMs);
  }
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  expect(retry.held).toEqual(["a"]);

  retry.passedOver(["b"], { again: false });
  expect(retry.waitMs).toBe(50);
  retry.passedOver([], { again: true });
  expect(retry.waitMs).toBe(Number.POSITIVE_INFINITY);
});
