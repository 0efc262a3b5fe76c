/** Only claims that find fewer jobs than this use a kept plan: with more, planning costs next to nothing. */
const FEW = 50;

/** A claim by a kept plan that takes longer than this, in ms, casts doubt on the plan. */
const SLOW_MS = 10;

/** Plans are made anew no more often than this, in ms, and no more than so many times in a worker's life. */
const REPLAN_MS = 1_000;
const PLANS_MAX = 50;

/**
 * The prepared statement that a claim may use, and with it PostgreSQL's plan. Planning is half of the time of a claim
 * of few jobs, so idle workers keep their plan. But a plan made while the table was tiny may read the whole of a table
 * that has grown since. So a plan that was slow once is given up for a new one, under another name, because a
 * connection keeps what it has prepared.
 */
export class PreparedClaim {
  #number = 1;
  #replannedAt = Number.NEGATIVE_INFINITY;
  #few = false;

  /** The name of the statement to use, or undefined to have this claim planned for the table as it is. */
  get name(): string | undefined {
    return this.#few && this.#number <= PLANS_MAX ? `millrace_claim_2_${this.#number}` : undefined;
  }

  /** Learns from a claim. All instants are the worker's monotonic ms. */
  learn({ found, tookMs, now }: { found: number; tookMs: number; now: number }): void {
    if (this.name !== undefined && tookMs > SLOW_MS && now - this.#replannedAt >= REPLAN_MS) {
      this.#number += 1;
      this.#replannedAt = now;
    }
    this.#few = found < FEW;
  }
}
