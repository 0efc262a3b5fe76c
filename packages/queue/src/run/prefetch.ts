/** Claimed jobs should begin within this many ms. */
const HORIZON_MS = 25;

/**
 * The most jobs to claim ahead. The next claim is sent when half of them have begun, so a claim takes up to 1,000 jobs.
 * A statement costs about 1 ms to parse and plan: half as many statements gave a tenth more jobs/s at a concurrency of
 * 4. Larger claims make no job cheaper, and their jobs wait longer.
 */
const PREFETCH_MAX = 2_000;

/** How much of the old estimate remains after a faster handler: about 30 fast handlers undo one slow handler. */
const DECAY = 0.9;

/**
 * Decides how many jobs to claim ahead of free slots: as many as the slots begin within `HORIZON_MS`, by measured
 * handler times. A slow handler raises the estimate at once, a fast handler lowers it gradually. Otherwise jobs would
 * wait behind a slow job while another worker is free.
 */
export class Prefetch {
  #concurrency: number;
  /** Before anything is measured, nothing is claimed ahead. */
  #handlerMs = HORIZON_MS;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** From now on, so many jobs run at a time. */
  resize(concurrency: number): void {
    this.#concurrency = concurrency;
  }

  /** Learns how long a handler ran. */
  observe(durationMs: number): void {
    this.#handlerMs = Math.max(durationMs, this.#handlerMs * DECAY + durationMs * (1 - DECAY));
  }

  /** How many jobs to hold ahead of the slots. */
  get target(): number {
    const ahead = Math.floor((this.#concurrency * HORIZON_MS) / Math.max(this.#handlerMs, 0.001));
    // Jobs for one round of the slots need not be claimed ahead: each free slot claims for itself.
    return ahead <= this.#concurrency ? 0 : Math.min(PREFETCH_MAX, ahead);
  }
}
