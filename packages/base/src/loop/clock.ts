/** The timers and random numbers of this process. Never compare this clock with an instant of the database. */
export interface Clock {
  /** Returns monotonic ms. */
  now(): number;
  /** Returns a random number in [0, 1). */
  random(): number;
  /** Calls back after `ms`, however long. Returns a function that cancels the timer. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest timer of Node, in ms. Node fires a longer timer after 1 ms. */
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

/** Calls back after `ms`. The timer does not keep the process alive, so the call may never come. */
export function whileAlive(ms: number, callback: () => void): void {
  setTimeout(callback, ms).unref();
}

/**
 * Returns ms since 1970 by this machine's clock. Use `machineNow` only for the order of ids: all other instants come
 * from the database's clock.
 */
export function machineNow(): number {
  return Date.now();
}

/**
 * Returns monotonic ms with the same origin in all threads of a process. `Clock.now` has another origin in each thread.
 */
export function processNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
