import { waitFor } from "@millrace/testpg";
import type { Clock } from "../../src/index.ts";

/** When a worker first asks for a turn to prune, by a clock without chance. */
export const FIRST_MS = 45_000;

/** A clock that holds the timers of pruning, which are longer than those of the other parts of a worker. */
export function pruningClock() {
  const held = new Map<number, () => void>();
  const clock: Clock = {
    now: () => performance.now(),
    random: () => 0.5,
    after(ms, callback) {
      if (ms < FIRST_MS) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      }
      held.set(ms, callback);
      return () => void held.delete(ms);
    },
  };
  const timer = (ms: number) => waitFor(() => held.get(ms), { description: `a timer of ${ms} ms` });
  return {
    clock,
    /** Lets a timer run. */
    async pass(ms: number): Promise<void> {
      const callback = await timer(ms);
      held.delete(ms);
      callback();
    },
    timer,
    timers: () => [...held.keys()],
  };
}
