import { describe, expect, test } from "vitest";
import { LaneLookTimes } from "./lane-look-times.ts";

const EVERY_MS = 1_000;
const lane = { queue: "q", priority: 7 };

/** Looks that came to the end at 0. */
function looked() {
  const looks = new LaneLookTimes(EVERY_MS);
  looks.begin(0);
  looks.lookEnded({ next: null, beganAt: 0, now: 1 });
  return looks;
}

/** Looks of which the first, from 0 to 10, was cut short. */
function cutShort() {
  const looks = new LaneLookTimes(EVERY_MS);
  looks.begin(0);
  looks.lookEnded({ next: lane, beganAt: 0, now: 10 });
  return looks;
}

describe("a look for all lanes", () => {
  test("is made at the first claim, and then when its time has passed", () => {
    const looks = new LaneLookTimes(EVERY_MS);

    expect(looks.begin(0)).toEqual({ after: null });
    looks.lookEnded({ next: null, beganAt: 0, now: 1 });
    expect(looks.begin(999)).toBeNull();
    expect(looks.begin(1_000)).toEqual({ after: null });
  });

  test("is made at the next claim when someone asks for it", () => {
    const looks = looked();
    looks.ask();

    expect(looks.begin(2)).toEqual({ after: null });
  });

  test("begins at the first lane when the queues have changed, although the look before was cut short", () => {
    const looks = cutShort();
    looks.restart();

    expect(looks.begin(11)).toEqual({ after: null });
  });

  test("is made once more when someone asks while it is under way", () => {
    const looks = new LaneLookTimes(EVERY_MS);
    looks.begin(0);
    looks.ask();
    looks.lookEnded({ next: null, beganAt: 0, now: 1 });

    expect(looks.begin(2)).toEqual({ after: null });
  });

  test("is made at the next claim after the database failed", () => {
    const looks = looked();
    looks.failed();

    expect(looks.begin(2)).toEqual({ after: null });
  });
});

describe("a look that was cut short", () => {
  test("goes on after its last lane, and all such looks take a tenth of the time", () => {
    const looks = cutShort();

    expect(looks.nextPartIn(10)).toBe(90);
    expect(looks.begin(99)).toBeNull();
    expect(looks.begin(100)).toEqual({ after: lane });
  });

  test("keeps its pace when someone asks for a look, which comes after the last one", () => {
    const looks = cutShort();
    looks.ask();
    const early = looks.begin(50);
    looks.begin(100);
    looks.lookEnded({ next: null, beganAt: 100, now: 110 });

    expect(early).toBeNull();
    expect(looks.begin(111)).toEqual({ after: null });
  });

  test("is waited for by nobody once the last one has come to the end", () => {
    expect(looked().nextPartIn(2)).toBeNull();
  });
});

describe("the last look of a worker that falls asleep", () => {
  test("is made 20 ms after the worker has written that it sleeps, once", () => {
    const looks = looked();
    looks.wroteAsleep(true, 100);

    expect(looks.lookAfterFallingAsleepIn(105)).toBe(15);
    expect(looks.begin(119)).toBeNull();
    expect(looks.begin(120)).toEqual({ after: null });
    expect(looks.lookAfterFallingAsleepIn(120)).toBeNull();
  });

  test("is not made when the worker has woken up meanwhile", () => {
    const looks = looked();
    looks.wroteAsleep(true, 100);
    looks.wroteAsleep(false, 110);

    expect(looks.begin(120)).toBeNull();
    expect(looks.lookAfterFallingAsleepIn(120)).toBeNull();
  });
});
