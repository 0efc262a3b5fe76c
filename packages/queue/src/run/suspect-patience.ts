/** How long a worker waits for its running handlers at first, so that a suspect can run alone, in ms. */
const FIRST_MS = 10_000;

/**
 * After a worker gave up on a suspect, it takes no suspect for this many times as long as it had waited: most of its
 * time is then work.
 */
const REFUSES_TIMES = 3;

/**
 * How long a worker that holds a suspect begins no other job. If its handlers do not end in time, the worker gives the
 * suspect back, and waits twice as long the next time. At last one wait outlasts the handlers, however long they run.
 * All instants are the worker's monotonic ms.
 */
export class SuspectPatience {
  #ms = FIRST_MS;
  #refusesUntil = Number.NEGATIVE_INFINITY;

  /** How long to wait now. */
  get ms(): number {
    return this.#ms;
  }

  /** Whether suspects go back at once. */
  refuses(now: number): boolean {
    return now < this.#refusesUntil;
  }

  /** The handlers did not end in time. */
  gaveUp(now: number): void {
    this.#refusesUntil = now + this.#ms * REFUSES_TIMES;
    this.#ms *= 2;
  }

  /** A suspect ran. */
  ran(): void {
    this.#ms = FIRST_MS;
    this.#refusesUntil = Number.NEGATIVE_INFINITY;
  }
}
