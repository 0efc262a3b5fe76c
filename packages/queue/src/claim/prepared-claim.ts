/**
 * A claim uses a kept plan only if the claim before found fewer jobs than this. With more jobs, planning is a small
 * part of the cost.
 */
const FEW = 50;

/** If a claim by a kept plan takes longer than this, in ms, the plan is given up. */
const SLOW_MS = 10;

/**
 * A plan is given up at most once in `REPLAN_MS`. After `PLANS_MAX` plans, PostgreSQL plans every claim of the worker
 * anew.
 */
const REPLAN_MS = 1_000;
const PLANS_MAX = 50;

/**
 * Names the prepared statement that a claim may use. PostgreSQL keeps the plan of a prepared statement.
 *
 * - Planning is half of the time of a claim of few jobs, so idle workers keep their plan.
 * - A plan that was made for a tiny table may read the whole table after the table has grown. So a plan that was slow
 *   once is given up.
 * - The new plan needs a new name, because a connection keeps what it has prepared.
 */
export class PreparedClaim {
  #number = 1;
  #replannedAt = Number.NEGATIVE_INFINITY;
  #few = false;

  /** The name of the statement to use; undefined: PostgreSQL plans this claim for the table as it is. */
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
