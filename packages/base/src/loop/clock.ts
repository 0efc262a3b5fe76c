/** The worker's own clock: timers and randomness. It is never compared with an instant of the database. */
export interface Clock {
  /** Monotonic ms. */
  now(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Calls back after `ms`, which may be any number, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** Node runs a longer timer as a timer of 1 ms. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The real clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  after(ms, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      timer =
        leftMs <= TIMER_MAX_MS
          ? setTimeout(callback, leftMs)
          : setTimeout(() => wait(leftMs - TIMER_MAX_MS), TIMER_MAX_MS);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** Calls back after `ms`, if the process is still alive: the timer does not keep the process alive. */
export function whileAlive(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/**
 * Ms since 1970 by this machine's clock, only for the order of ids. Where an instant matters, the database's clock
 * gives it.
 */
export function machineNow(): number {
  return Date.now();
}

/**
 * Monotonic ms by which the threads of a process can compare instants. `Clock.now` has another origin in each thread.
 */
export function processNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
