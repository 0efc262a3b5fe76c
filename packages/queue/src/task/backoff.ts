/** How long to wait before the next attempt. */
export interface Backoff {
  /** The delay after the first attempt, in ms. The delay doubles with each further attempt. Default 5,000. */
  baseMs: number;
  /** The longest delay, in ms, before jitter is added. Default 600,000. */
  capMs: number;
  /** The most random jitter, in ms. Jitter keeps jobs that failed together from retrying together. Default 1,000. */
  jitterMs: number;
}

/**
 * 5 s, 10 s, 20 s … up to 10 min, plus up to 1 s. The ten attempts that a job has by default need at least 1,835 s: an
 * outage of half an hour fails no job.
 */
export const DEFAULT_BACKOFF: Backoff = { baseMs: 5_000, capMs: 600_000, jitterMs: 1_000 };

/**
 * Returns the delay in ms after `attempt` (from 1), without jitter: `baseMs × 2^(attempt-1)`, at most `capMs`.
 *
 * @example
 * backoffMs(3); // 20_000
 */
export function backoffMs(attempt: number, backoff: Backoff = DEFAULT_BACKOFF): number {
  return Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.max(0, attempt - 1));
}

/**
 * Adds up to `jitterMs` of jitter to a delay. `random` returns numbers in [0, 1). Returns whole ms, rounded down.
 *
 * @example
 * withJitter(20_000, 1_000, Math.random);
 */
export function withJitter(delayMs: number, jitterMs: number, random: () => number): number {
  return Math.floor(delayMs + random() * jitterMs);
}
