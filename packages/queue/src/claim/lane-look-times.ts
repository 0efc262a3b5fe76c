import type { LaneName } from "./find-unpaused-lanes.sql.ts";

/** Where lanes are too many for one look, the looks that follow take this part of the time. */
const LOOK_SHARE = 0.1;

/**
 * After it has said that it sleeps, a worker looks once more this many ms later: an enqueue that asked who sleeps just
 * before may commit just after.
 */
const LAST_LOOK_MS = 20;

/** When lanes are looked for, and after which lane a look goes on. All instants are the worker's monotonic ms. */
export class LaneLookTimes {
  readonly #everyMs: number;
  /** Without end in the past: at the next claim. */
  #dueAt = Number.NEGATIVE_INFINITY;
  /** The lane after which the next look goes on; null when it begins anew. */
  #after: LaneName | null = null;
  /**
   * Whether all lanes are looked for again after this round of looks: somebody asked for that after the round began.
   */
  #isAskedAgain = false;
  /** When the last look after falling asleep is due; null when there is none to make. */
  #lastAt: number | null = null;

  /** Looks are made at least this often, in ms, while there are claims. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Asks for a look at all lanes: one of them may have jobs of which no notice came. */
  ask(): void {
    this.#isAskedAgain = true;
    // Looks that have not come to the end go on at their pace.
    if (this.#after === null) this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** The database failed: the next claim looks for lanes. */
  failed(): void {
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** This worker has said to producers whether it sleeps: if so, a last look is due. */
  saidAsleep(asleep: boolean, now: number): void {
    this.#lastAt = asleep ? now + LAST_LOOK_MS : null;
  }

  /** Begins a look when one is due, and gives the lane after which it goes on; null when none is due. */
  begin(now: number): { after: LaneName | null } | null {
    if (this.#lastAt !== null && now >= this.#lastAt) {
      this.#lastAt = null;
      // Jobs enqueued before the worker said that it sleeps sent no notice. Their lane may have been empty at the
      // previous look.
      this.ask();
    }
    if (now < this.#dueAt) return null;
    // Before it is sent: a wake-up that comes while it is under way asks for another one.
    if (this.#after === null) this.#isAskedAgain = false;
    this.#dueAt = now + this.#everyMs;
    return { after: this.#after };
  }

  /** The look that began then has ended: `next` is the lane after which the next one goes on. */
  lookEnded({ next, beganAt, now }: { next: LaneName | null; beganAt: number; now: number }): void {
    this.#after = next;
    if (next !== null) this.#dueAt = now + (now - beganAt) * (1 / LOOK_SHARE - 1);
    else if (this.#isAskedAgain) this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** After how many ms a worker that rests makes its last look; null when there is none to make. */
  lookAfterFallingAsleepIn(now: number): number | null {
    return this.#lastAt === null ? null : Math.max(0, this.#lastAt - now);
  }

  /** After how many ms a look that was cut short goes on; null when the last one came to the end. */
  nextPartIn(now: number): number | null {
    return this.#after === null ? null : Math.max(0, this.#dueAt - now);
  }
}
