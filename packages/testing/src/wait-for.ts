import { setTimeout as pause } from "node:timers/promises";

/** How long `waitFor` polls, and what its error says was awaited. */
export interface WaitForOptions {
  /** How long until a condition counts as never to hold; 60 s by default. No measure of how soon it must. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
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

/** Within a test's own limit, so that the error names what was awaited; far beyond what a busy machine takes. */
const patienceMs = 60_000;

type NotYet = false | null | undefined;

/**
 * Polls `condition` until it returns something other than `false`, `null` or `undefined`, and returns that.
 * An error thrown by the condition ends the wait at once. A condition that never settles counts as not yet.
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
  // Observed here as well, so that an expiry between two polls is not an unhandled rejection.
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
