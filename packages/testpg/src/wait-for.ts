import { setTimeout as pause } from "node:timers/promises";

/** How long `waitFor` polls, and what its error says. */
export interface WaitForOptions {
  /** How long to poll, in ms. Default 60,000. Long on purpose, because a test that passes does not wait so long. */
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
 * Throws `WaitForError` (`wait_timed_out`) after `timeoutMs`, even when the condition's promise never settles. An error
 * of the condition ends the wait at once.
 *
 * @example
 * await waitFor(async () => (await queue.get(id)).state === "completed", { description: "the job to complete" });
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
  // Without this handler, a rejection between two polls would be an unhandled rejection.
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
