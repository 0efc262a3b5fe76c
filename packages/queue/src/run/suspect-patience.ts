/** How long a worker first waits for its running handlers, so that a suspect can run alone, in ms. */
const FIRST_MS = 10_000;

/**
 * After a worker has waited for its handlers in vain, it takes no suspect for this many times as long, so that it
 * spends most of its time running jobs.
 */
const REFUSES_TIMES = 3;

/**
 * Decides how long a worker that holds a suspect begins no other job. If the running handlers do not end in time, the
 * worker releases the suspect, and waits twice as long for the next suspect. So one wait is long enough at last,
 * however long the handlers run. All instants are the worker's monotonic ms.
 */
export class SuspectPatience {
  #ms = FIRST_MS;
  #refusesUntil = Number.NEGATIVE_INFINITY;

  /** How long to wait for the running handlers, in ms. */
  get ms(): number {
    return this.#ms;
  }

  /** Whether suspects are released at once. */
  refuses(now: number): boolean {
    return now < this.#refusesUntil;
  }

  /** The worker released a suspect, because the handlers did not end in time. */
  gaveUp(now: number): void {
    this.#refusesUntil = now + this.#ms * REFUSES_TIMES;
    this.#ms *= 2;
  }

  /** A suspect began to run alone. */
  ran(): void {
    this.#ms = FIRST_MS;
    this.#refusesUntil = Number.NEGATIVE_INFINITY;
  }
}
