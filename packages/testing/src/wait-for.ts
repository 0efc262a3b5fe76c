import { setTimeout as pause } from "node:timers/promises";

/** How long `waitFor` polls, and what its error says. */
export interface WaitForOptions {
  /** How long to wait before the condition counts as never true, in ms. Default 60,000. Not a measure of speed. */
  readonly timeoutMs?: number;
  /** How long to wait between two polls, in ms. Default 20. */
  readonly intervalMs?: number;
  /** The awaited condition in words, for the error. */
  readonly description: string;
}

/** The condition did not hold in time. */
export class WaitForError extends Error {
  readonly code = "wait_timed_out";

  constructor(description: string, timeoutMs: number) {
    super(`waited ${timeoutMs} ms for ${description}`);
    this.name = "WaitForError";
  }
}

/** Less than a test's own limit, so that the error names the awaited condition; far more than a busy machine needs. */
const patienceMs = 60_000;

type NotYet = false | null | undefined;

/**
 * Polls `condition` until it returns something other than `false`, `null` or `undefined`, and returns this value.
 * Throws `WaitForError` after `timeoutMs`, also when the condition never settles. An error of the condition ends the
 * wait at once.
 */
export async function waitFor<T>(
  condition: () => T | NotYet | Promise<T | NotYet>,
  { timeoutMs = patienceMs, intervalMs = 20, description }: WaitForOptions,
): Promise<Exclude<T, NotYet>> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const expired = new Promise<never>((_, reject) => {
    limit.signal.addEventListener("abort", () => reject(new WaitForError(description, timeoutMs)));
  });
  // Observed here as well, so that an expiry between two polls is no unhandled rejection.
  expired.catch(() => undefined);
  try {
    for (;;) {
      const value = await Promise.race([condition(), expired]);
      if (isReached(value)) return value;
      await Promise.race([pause(intervalMs), expired]);
    }
  } finally {
    clearTimeout(timer);
  }
}

function isReached<T>(value: T | NotYet): value is Exclude<T, NotYet> {
  return value !== false && value !== null && value !== undefined;
}
