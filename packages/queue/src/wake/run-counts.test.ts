import { expect, test } from "vitest";
import { RunCounts } from "./run-counts.ts";

const NONE = { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 };

test("runs are counted by queue and outcome, in whatever order they come", () => {
  const counts = new RunCounts();
  counts.count("a", "completed");
  counts.count("b", "failed");
  counts.count("a", "completed");
  counts.count("a", "refused");

  const { queues, totals } = counts.next();

  expect(Object.fromEntries(queues)).toEqual({
    a: { ...NONE, completed: 2, refused: 1 },
    b: { ...NONE, failed: 1 },
  });
  expect(totals).toEqual({ ...NONE, completed: 2, failed: 1, refused: 1 });
});

test("a batch that was written is not given again, and the totals go on", () => {
  const counts = new RunCounts();
  counts.count("a", "completed");
  counts.next();
  counts.written();
  counts.count("a", "canceled");

  const { queues, totals } = counts.next();

  expect(Object.fromEntries(queues)).toEqual({ a: { ...NONE, canceled: 1 } });
  expect(totals).toEqual({ ...NONE, completed: 1, canceled: 1 });
});

test("a batch whose write failed is given again unchanged, and what was counted meanwhile comes after it", () => {
  const counts = new RunCounts();
  counts.count("a", "completed");
  const failed = counts.next();
  counts.count("a", "retried");

  expect(counts.isUnsure).toBe(true);
  expect(counts.next()).toBe(failed);
  expect(Object.fromEntries(failed.queues)).toEqual({ a: { ...NONE, completed: 1 } });
  counts.written();
  expect(counts.isUnsure).toBe(false);
  expect(Object.fromEntries(counts.next().queues)).toEqual({ a: { ...NONE, retried: 1 } });
});

test("an empty batch whose write failed holds nothing back", () => {
  const counts = new RunCounts();
  counts.next();
  counts.count("a", "completed");

  expect(counts.isUnsure).toBe(false);
  expect(Object.fromEntries(counts.next().queues)).toEqual({ a: { ...NONE, completed: 1 } });
});
