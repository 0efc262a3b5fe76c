import { expect, test } from "vitest";
import { startLoopDelay } from "./loop-delay.ts";

/** A clock that a test moves. Timers fire when the test says so, however late. */
function movedClock() {
  let now = 0;
  let timer: (() => void) | null = null;
  return {
    now: () => now,
    random: () => 0,
    after: (_ms: number, callback: () => void) => {
      timer = callback;
      return () => {
        timer = null;
      };
    },
    pass(ms: number) {
      now += ms;
    },
    fire: () => timer?.(),
    isWaiting: () => timer !== null,
  };
}

test("a timer that fires late tells for how long the loop was blocked", () => {
  const clock = movedClock();
  const delay = startLoopDelay(clock);
  clock.pass(100);
  clock.fire();
  expect(delay.worstMs()).toBe(0);

  clock.pass(1_100);
  clock.fire();

  expect(delay.worstMs()).toBe(1_000);
});

test("a delay counts before its timer has fired", () => {
  const clock = movedClock();
  const delay = startLoopDelay(clock);

  clock.pass(5_100);

  expect(delay.worstMs()).toBe(5_000);
});

test("a delay is told for ten seconds, and forgotten after twenty", () => {
  const clock = movedClock();
  const delay = startLoopDelay(clock);
  clock.pass(2_100);
  clock.fire();
  const passOnTime = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.pass(100);
      clock.fire();
    }
  };

  passOnTime(10_000);
  expect(delay.worstMs()).toBe(2_000);

  passOnTime(10_000);
  expect(delay.worstMs()).toBe(0);
});

test("nothing is measured after the stop", () => {
  const clock = movedClock();
  const delay = startLoopDelay(clock);

  delay.stop();

  expect(clock.isWaiting()).toBe(false);
});
