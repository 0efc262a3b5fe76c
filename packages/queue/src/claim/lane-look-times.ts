import type { LaneName } from "./find-unpaused-lanes.sql.ts";

/** If one look cannot read every lane, the further looks of its round take this part of the time. */
const LOOK_SHARE = 0.1;

/**
 * After a worker has written that it sleeps, it looks once more this many ms later. An enqueue may have read just
 * before that write that nobody sleeps, and commit just after.
 */
const LAST_LOOK_MS = 20;

/**
 * Decides when a worker looks for lanes, and after which lane a look goes on. A round of looks reads every lane, in one
 * look or several. All instants are the worker's monotonic ms.
 */
export class LaneLookTimes {
  readonly #everyMs: number;
  /** When the next look is due; `-Infinity`: at the next claim. */
  #dueAt = Number.NEGATIVE_INFINITY;
  /** The lane after which the next look goes on; null if the next look begins a new round. */
  #after: LaneName | null = null;
  /** Whether a new round follows this round at once: someone asked for a look after this round began. */
  #isAskedAgain = false;
  /** When the last look after falling asleep is due; null if none is due. */
  #lastAt: number | null = null;

  /** While there are claims, a round of looks begins at least every `everyMs` ms. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Asks for a round of looks: a lane may have jobs that sent no notice. */
  ask(): void {
    this.#isAskedAgain = true;
    // A round that has not ended goes on at its own pace.
    if (this.#after === null) this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** The queues have changed: a new round begins at the next claim. */
  restart(): void {
    this.#after = null;
    this.ask();
  }

  /** The database failed: the next claim looks for lanes. */
  failed(): void {
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** The worker has written whether it sleeps. If it sleeps, a last look is due. */
  wroteAsleep(asleep: boolean, now: number): void {
    this.#lastAt = asleep ? now + LAST_LOOK_MS : null;
  }

  /** Begins a look if one is due. Returns the lane after which the look goes on, or null if no look is due. */
  begin(now: number): { after: LaneName | null } | null {
    if (this.#lastAt !== null && now >= this.#lastAt) {
      this.#lastAt = null;
      // Jobs that were enqueued before the worker wrote that it sleeps sent no notice. The previous look may have found
      // their lane empty.
      this.ask();
    }
    if (now < this.#dueAt) return null;
    // Reset this before the look is sent: a wake-up during the look asks for another round.
    if (this.#after === null) this.#isAskedAgain = false;
    this.#dueAt = now + this.#everyMs;
    return { after: this.#after };
  }

  /** The look that began at `beganAt` has ended. The next look goes on after the lane `next`; null ends the round. */
  lookEnded({ next, beganAt, now }: { next: LaneName | null; beganAt: number; now: number }): void {
    this.#after = next;
    if (next !== null) this.#dueAt = now + (now - beganAt) * (1 / LOOK_SHARE - 1);
    else if (this.#isAskedAgain) this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** Ms until a worker that rests makes its last look; null if none is due. */
  lookAfterFallingAsleepIn(now: number): number | null {
    return this.#lastAt === null ? null : Math.max(0, this.#lastAt - now);
  }

  /** Ms until the next look of the round; null if the round has ended. */
  nextPartIn(now: number): number | null {
    return this.#after === null ? null : Math.max(0, this.#dueAt - now);
  }
}
