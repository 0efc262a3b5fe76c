/** The clock of a worker or a scheduler, by its shape: this package depends on neither package. */
interface Clock {
  now(): number;
  after(ms: number, callback: () => void): () => void;
  random(): number;
}

/** A clock whose timers a test controls. */
export interface HeldClock extends Clock {
  /** Runs the pending timers of length `ms`, and returns how many timers there were. */
  pass(ms: number): number;
}

const realClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Returns a clock that holds the timers for whose length (in ms) `held` returns true. A held timer runs only when the
 * test calls `pass`. All other timers run as usual, so that a test can control one timer of a worker.
 *
 * @example
 * const clock = heldClock((ms) => ms === 10_000);
 * clock.pass(10_000);
 */
export function heldClock(held: (ms: number) => boolean): HeldClock {
  const pending = new Set<{ ms: number; callback: () => void }>();
  return {
    ...realClock,
    after(ms, callback) {
      if (!held(ms)) return realClock.after(ms, callback);
      const timer = { ms, callback };
      pending.add(timer);
      return () => void pending.delete(timer);
    },
    pass(ms) {
      const due = [...pending].filter((timer) => timer.ms === ms);
      for (const timer of due) {
        // A timer that ran before may have canceled this timer.
        if (pending.delete(timer)) timer.callback();
      }
      return due.length;
    },
  };
}
