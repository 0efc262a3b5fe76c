/** How long to wait before the next attempt. */
export interface Backoff {
  /** The delay after the first attempt, in ms. Doubles with each further one. Default 5,000. */
  baseMs: number;
  /** No delay is longer than this, in ms, jitter apart. Default 600,000. */
  capMs: number;
  /** Up to this much is added at random, in ms, so that jobs that failed together spread. Default 1,000. */
  jitterMs: number;
}

/**
 * 5 s, 10 s, 20 s … up to 10 min, plus up to 1 s. The ten attempts that a job has by default need at least 1,835 s: an
 * outage of half an hour fails no job.
 */
export const DEFAULT_BACKOFF: Backoff = { baseMs: 5_000, capMs: 600_000, jitterMs: 1_000 };

/** The delay in ms after `attempt` (from 1): `base × 2^(attempt-1)`, at most `cap`, without jitter. */
export function backoffMs(attempt: number, backoff: Backoff = DEFAULT_BACKOFF): number {
  return Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.max(0, attempt - 1));
}

/** Adds jitter to a delay; `random` yields numbers in [0, 1). */
export function withJitter(delayMs: number, jitterMs: number, random: () => number): number {
  return Math.floor(delayMs + random() * jitterMs);
}
