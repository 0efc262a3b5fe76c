/** Claimed jobs should begin within this many ms: the horizon that prefetching fills. */
const HORIZON_MS = 25;

/**
 * At most this many jobs are claimed ahead. A claim is sent when half of them are used up, so claims take up to 1,000
 * jobs. A statement costs about 1 ms to parse and plan: half as many statements gave a tenth more jobs/s at a
 * concurrency of 4. Larger claims no longer make a job cheaper; their jobs only wait.
 */
const PREFETCH_MAX = 2_000;

/** How much of the old estimate a faster sample leaves: about 30 fast jobs undo one slow one. */
const DECAY = 0.9;

/**
 * How many jobs to claim ahead of free slots: as many as the slots run within the horizon, by measured handler times. A
 * slow handler changes the estimate at once, a fast one only gradually: jobs must not wait in one worker's buffer
 * behind a slow job while another worker is free.
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
    // One round of the slots needs no prefetch: a freed slot claims for itself.
    return ahead <= this.#concurrency ? 0 : Math.min(PREFETCH_MAX, ahead);
  }
}
