/** If scans from the start cost more than others, they take this part of the time, and no more. */
const START_SHARE = 0.1;

/**
 * A scan from the start is allowed at least this often, in ms, however expensive: only such scans see jobs before the
 * marks.
 */
const START_WAIT_MAX_MS = 10_000;

/** The fixed cost of a claim, as a number of jobs: it makes claims of different sizes comparable. */
const CLAIM_UNITS = 50;

/** If a scan from the start costs this many ms more than others, the next scan does not begin at the start. */
const EXPENSIVE_MS = 2;

/**
 * Decides when a claim may scan its lanes from their start. Such scans find late and retried jobs. If they are
 * expensive, they take a share of the time and no more. All instants are the worker's monotonic ms.
 */
export class ScansFromStart {
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Whether the last scan from the start cost over `EXPENSIVE_MS` more than others. */
  #isExpensive = false;
  /** Whether the last scan began at the start. */
  #wasLast = false;
  /**
   * How many ms one unit took in the last claim from the marks; null before the first. A claim has `CLAIM_UNITS`, and
   * one unit for each job.
   */
  #usualMs: number | null = null;

  /**
   * Whether the next scan may begin at the start. After an expensive scan from the start, a scan from the marks comes
   * first, which sees new jobs, too.
   */
  mayBegin(now: number): boolean {
    return now >= this.#dueAt && !(this.#isExpensive && this.#wasLast);
  }

  /** Ms until a scan from the start is allowed. Null if the last scan began at the start. */
  missedIn(now: number): number | null {
    return this.#wasLast ? null : Math.max(0, this.#dueAt - now);
  }

  /** Learns what a claim cost. */
  learn(fromStart: boolean, { count, now, tookMs }: { count: number; now: number; tookMs: number }): void {
    this.#wasLast = fromStart;
    const units = count + CLAIM_UNITS;
    if (!fromStart) {
      this.#usualMs = tookMs / units;
      return;
    }
    const extraMs = Math.max(0, tookMs - (this.#usualMs ?? 0) * units);
    this.#dueAt = now + Math.min(START_WAIT_MAX_MS, extraMs * (1 / START_SHARE - 1));
    this.#isExpensive = extraMs > EXPENSIVE_MS;
  }
}
