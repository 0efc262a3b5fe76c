import { type Clock, systemClock } from "../src/index.ts";

/** A clock that a test has in hand. */
export interface HeldClock extends Clock {
  /** Lets the timers of that length pass that are pending now, and says how many there were. */
  pass(ms: number): number;
}

/**
 * A clock whose timers of the lengths that `held` picks pass when the test lets them, and never by themselves. All
 * other timers pass as they are: a worker asks for many, and a test has an interest in few of them.
 */
export function heldClock(held: (ms: number) => boolean): HeldClock {
  const pending = new Set<{ ms: number; callback: () => void }>();
  return {
    ...systemClock,
    after(ms, callback) {
      if (!held(ms)) return systemClock.after(ms, callback);
      const timer = { ms, callback };
      pending.add(timer);
      return () => void pending.delete(timer);
    },
    pass(ms) {
      const due = [...pending].filter((timer) => timer.ms === ms);
      for (const timer of due) {
        // A timer may have been called off by one that passed before it.
        if (pending.delete(timer)) timer.callback();
      }
      return due.length;
    },
  };
}

/** A clock by which no worker polls: whatever claims after the first look was told to, or is a last look. */
export const pollingNever: Clock = heldClock((ms) => ms >= 30_000);
