import type { Clock } from "./clock.ts";

/** Resolves after `ms`, or when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const stop = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
