import type { Clock } from "@millrace/base";

/**
 * Runs `work` with a signal that aborts after `ms`, or when the API is closed. `work` then ends between two statements,
 * and returns what it has done.
 */
export async function withinTime<Result>(
  { clock, closing }: { clock: Clock; closing: AbortSignal },
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const stop = clock.after(ms, () => limit.abort());
  try {
    return await work(AbortSignal.any([limit.signal, closing]));
  } finally {
    stop();
  }
}
