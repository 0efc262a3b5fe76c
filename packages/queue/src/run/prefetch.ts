/** Claimed jobs should begin within this many ms: the horizon that prefetching fills. */
const HORIZON_MS = 25;

/**
 * No more than this is claimed ahead. Claims come when half is used up, so this makes batches of 1,000: a statement of
 * its own costs about 1 ms to parse and plan, and half as many gave a tenth more jobs/s at a concurrency of 4. Larger
 * ones no longer make a job cheaper, and only wait.
 */
const PREFETCH_MAX = 2_000;

/** How much of the old estimate a faster sample leaves: about 30 fast jobs undo one slow one. */
const DECAY = 0.9;

/**
 * How many jobs to claim ahead of free slots, from measured handler times: what the slots get through within the
 * horizon. A slow handler is believed at once and a fast one only gradually, so that jobs do not wait in one
 * worker's buffer behind a slow job while another worker is free.
 */
export class Prefetch {
  readonly #concurrency: number;
  /** Before anything is measured, nothing is claimed ahead. */
  #handlerMs = HORIZON_MS;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Learns how long a handler ran. */
  observe(durationMs: number): void {
    this.#handlerMs = Math.max(durationMs, this.#handlerMs * DECAY + durationMs * (1 - DECAY));
  }

  /** How many jobs to hold ahead of the slots. */
  get target(): number {
    const ahead = Math.floor((this.#concurrency * HORIZON_MS) / Math.max(this.#handlerMs, 0.001));
    // What is only one round of the slots is no prefetch: a freed slot claims for itself.
    return ahead <= this.#concurrency ? 0 : Math.min(PREFETCH_MAX, ahead);
  }
}
