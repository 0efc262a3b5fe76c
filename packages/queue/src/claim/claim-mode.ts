/** How soon an alert worker looks again after a claim that took all there was, in ms. */
const LOOK_AGAIN_MS = 2;

/** An alert worker that has found nothing for this many ms falls asleep. */
const ALERT_MS = 20;

/** A sleeper that is woken this many times in a row, with no pause of `PAUSE_MS` between, stays awake. */
const WOKEN_MAX = 8;
const PAUSE_MS = 1;

/** What to do after a claim. */
export type NextLook =
  /** Claim again now: there is more. */
  | { kind: "now" }
  /** Claim again after so many ms. */
  | { kind: "soon"; ms: number }
  /** Ask to be notified, and look once more before resting. */
  | { kind: "fall-asleep" }
  /** Claim again when notified, or at the poll. */
  | { kind: "rest" };

/**
 * Whether a worker looks for jobs by itself at short intervals, or rests until it is notified. While jobs keep
 * coming, looking is cheaper for everyone than a notification for each commit; once none come, being notified is.
 * All instants are the worker's monotonic ms.
 */
export class Alertness {
  readonly #canBeNotified: boolean;
  #asleep = false;
  #foundAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #wokenInARow = 0;

  constructor(canBeNotified: boolean) {
    this.#canBeNotified = canBeNotified;
  }

  /** Whether producers have been, or are to be, told that this worker waits for notifications. */
  get asleep(): boolean {
    return this.#asleep;
  }

  /** Decides what follows a claim of `found` jobs; one that was full may have left some. */
  claimed({ found, isFull, now }: { found: number; isFull: boolean; now: number }): NextLook {
    const pausedMs = now - this.#lookedAt;
    this.#lookedAt = now;
    if (found > 0) {
      this.#foundAt = now;
      this.#wokenInARow = pausedMs <= PAUSE_MS ? this.#wokenInARow + 1 : 0;
      if (this.#wokenInARow >= WOKEN_MAX) this.#asleep = false;
    }
    if (isFull) return { kind: "now" };
    if (this.#asleep) return { kind: "rest" };
    if (now - this.#foundAt < ALERT_MS) return { kind: "soon", ms: LOOK_AGAIN_MS };
    if (!this.#canBeNotified) return { kind: "rest" };
    this.#asleep = true;
    this.#wokenInARow = 0;
    return { kind: "fall-asleep" };
  }

  /** Producers could not be told: look by itself, at the poll. */
  couldNotTell(): void {
    this.#asleep = false;
  }
}
