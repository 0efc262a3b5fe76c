import { type Clock, systemClock } from "../src/index.ts";
import { ABANDON_AFTER_MS } from "../src/runtime/run-job.ts";

/** A clock by which a handler that does not heed its abort loses its slot after 20 ms instead of 5 s. */
export const hurriedClock: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === ABANDON_AFTER_MS ? 20 : ms, callback),
};
