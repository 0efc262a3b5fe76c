import { expect, test } from "vitest";
import { LockedRetry } from "./locked-retry.ts";

test("what was skipped is tried again ever more slowly, and anew after a renewal of all", () => {
  const retry = new LockedRetry<string>();
  expect(retry.waitMs).toBe(Number.POSITIVE_INFINITY);

  retry.skipped(["a", "b"], { again: false });
  const waits = [retry.waitMs];
  for (let n = 0; n < 7; n += 1) {
    retry.skipped(["a"], { again: true });
    waits.push(retry.waitMs);
  }
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  expect(retry.items).toEqual(["a"]);

  retry.skipped(["b"], { again: false });
  expect(retry.waitMs).toBe(50);
  retry.skipped([], { again: true });
  expect(retry.waitMs).toBe(Number.POSITIVE_INFINITY);
});
