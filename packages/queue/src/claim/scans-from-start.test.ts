import { expect, test } from "vitest";
import { ScansFromStart } from "./scans-from-start.ts";

test("scans from the start that cost no more than others may always be made", () => {
  const scans = new ScansFromStart();
  scans.learn(false, { count: 50, now: 5, tookMs: 5 });
  scans.learn(true, { count: 50, now: 10, tookMs: 5 });

  expect(scans.mayBegin(10)).toBe(true);
});

test("after a dear one, scans from the start take a tenth of the time, and none follows another at once", () => {
  const scans = new ScansFromStart();
  scans.learn(false, { count: 50, now: 0, tookMs: 1 });
  scans.learn(true, { count: 50, now: 101, tookMs: 101 });
  const long = scans.mayBegin(60_000);
  scans.learn(false, { count: 50, now: 102, tookMs: 1 });

  expect(long).toBe(false);
  expect(scans.mayBegin(1_000)).toBe(false);
  expect(scans.mayBegin(1_001)).toBe(true);
});

test("however dear, one may be made every 10 seconds", () => {
  const scans = new ScansFromStart();
  scans.learn(true, { count: 50, now: 60_000, tookMs: 60_000 });
  scans.learn(false, { count: 50, now: 60_001, tookMs: 1 });

  expect([scans.mayBegin(69_999), scans.mayBegin(70_000)]).toEqual([false, true]);
});

test("a worker that rests makes a scan from the start when its last scan was none", () => {
  const scans = new ScansFromStart();
  scans.learn(true, { count: 0, now: 100, tookMs: 100 });
  const after = scans.missedIn(100);
  scans.learn(false, { count: 0, now: 101, tookMs: 1 });

  expect(after).toBeNull();
  expect(scans.missedIn(101)).toBe(899);
});
