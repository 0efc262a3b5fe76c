/** The worker's own clock: timers and randomness. Never compared with an instant of the database. */
export interface Clock {
  /** Monotonic ms. */
  now(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Calls back after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Monotonic ms by which the threads of a process can compare instants; `Clock.now` has another origin in each. */
export function processNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
