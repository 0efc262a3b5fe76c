/** Scans from the start may take this part of the time, and no more, when they cost more than others. */
const START_SHARE = 0.1;

/**
 * However expensive a scan from the start is, there is one this often, in ms, so that jobs behind the marks are seen.
 */
const START_WAIT_MAX_MS = 10_000;

/** What a claim costs beside its jobs, in jobs: what makes claims of different sizes comparable. */
const CLAIM_UNITS = 50;

/** A scan from the start that costs this many ms more than others is not made twice in a row. */
const EXPENSIVE_MS = 2;

/**
 * When a claim may scan its lanes from their start. Such scans find late and retried jobs. If they are expensive, they
 * take a share of the time and no more. All instants are the worker's monotonic ms.
 */
export class ScansFromStart {
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Whether the last scan from the start cost much more than others. */
  #isExpensive = false;
  /** Whether the last scan began at the start. */
  #wasLast = false;
  /** What a unit of a claim from a mark took when it was last measured, in ms; null until then. */
  #usualMs: number | null = null;

  /**
   * Whether the next scan may begin at the start. An expensive scan from the start never directly follows another: a
   * scan from the marks also sees new jobs.
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
