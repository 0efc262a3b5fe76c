/** The worker's own clock: timers and randomness. Never compared with an instant of the database. */
export interface Clock {
  /** Monotonic ms. */
  now(): number;
  /** A random number in [0, 1). */
  random(): number;
  /** Calls back after `ms`, however many, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** Node takes a longer timer for one of 1 ms. */
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

/** Calls back after `ms`, if the process is still there: the timer does not keep it alive. */
export function whileAlive(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/** Ms since 1970 by this machine's clock: for the order of ids alone. An instant that matters is the database's. */
export function machineNow(): number {
  return Date.now();
}

/** Monotonic ms by which the threads of a process can compare instants; `Clock.now` has another origin in each. */
export function processNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
