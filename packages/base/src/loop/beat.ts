import type { Clock } from "./clock.ts";

/** A piece of work that is repeated until it is stopped. */
export interface Beat {
  /** Does the work now, or right after the run under way. */
  wake(): void;
  /** Stops repeating and waits for the run under way. */
  stop(): Promise<void>;
}

/** The options of a beat. `work` returns the ms until its next run, and must not reject. */
export interface BeatOptions {
  clock: Clock;
  firstMs: number;
  work(): Promise<number>;
}

/** Starts repeating `work`, never two runs at a time. */
export function startBeat({ clock, firstMs, work }: BeatOptions): Beat {
  let stopped = false;
  let woken = false;
  let current: Promise<void> | null = null;
  let stopTimer = clock.after(firstMs, run);

  function run(): void {
    if (current !== null || stopped) {
      woken = true;
      return;
    }
    stopTimer();
    woken = false;
    current = work().then((nextMs) => {
      current = null;
      if (stopped) return;
      stopTimer = clock.after(woken ? 0 : nextMs, run);
    });
  }

  return {
    wake: run,
    async stop() {
      stopped = true;
      stopTimer();
      await current;
    },
  };
}
