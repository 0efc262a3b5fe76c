/** The clock of a worker or a scheduler, by its shape: this package depends on none of theirs. */
interface Clock {
  now(): number;
  after(ms: number, callback: () => void): () => void;
  random(): number;
}

/** A clock that a test has in hand. */
export interface HeldClock extends Clock {
  /** Lets the timers of that length pass that are pending now, and says how many there were. */
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
 * A clock whose timers of the lengths that `held` picks pass when the test lets them, and never by themselves. All
 * other timers pass as they are: a worker asks for many, and a test has an interest in few of them.
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
        // A timer may have been called off by one that passed before it.
        if (pending.delete(timer)) timer.callback();
      }
      return due.length;
    },
  };
}
