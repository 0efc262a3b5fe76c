/** The outcomes that a worker counts when it writes the outcome of a run. Released and snoozed runs are not counted. */
const COUNTED_OUTCOMES = ["completed", "failed", "canceled", "retried", "refused"] as const;

/** One of `COUNTED_OUTCOMES`. */
export type CountedOutcome = (typeof COUNTED_OUTCOMES)[number];

/** How many runs had each outcome. */
export type OutcomeCounts = Record<CountedOutcome, number>;

/** Counts that are written together. */
export interface CountsBatch {
  /** What was counted since the batch before, by queue. */
  readonly queues: ReadonlyMap<string, Readonly<OutcomeCounts>>;
  /** What was counted since the start of the worker, in all queues, with this batch. */
  readonly totals: Readonly<OutcomeCounts>;
}

/**
 * Counts the runs of one worker by their outcomes. To count a run costs one addition, and makes no object: thousands of
 * runs end each second.
 *
 * If the write of a batch fails, the batch stays as it is for the next write, because the failed write may have been
 * committed. Its totals say whether it was: no two batches with counts have the same totals.
 */
export class RunCounts {
  #byQueue = new Map<string, OutcomeCounts>();
  /** The queue of the last run, and its counts: mostly, the next run is of the same claim, and so of the same queue. */
  #lastQueue: string | null = null;
  #last: OutcomeCounts = noCounts();
  #totals: OutcomeCounts = noCounts();
  #unwritten: CountsBatch | null = null;

  /** Counts one run. */
  count(queue: string, outcome: CountedOutcome): void {
    if (queue !== this.#lastQueue) this.#turnTo(queue);
    this.#last[outcome] += 1;
  }

  /** The batch to write now: the batch whose write failed, or else what was counted since the last batch. */
  next(): CountsBatch {
    if (this.#unwritten === null || this.#unwritten.queues.size === 0) this.#unwritten = this.#close();
    return this.#unwritten;
  }

  /** The batch of `next` is written. */
  written(): void {
    this.#unwritten = null;
  }

  /** Whether `next` has returned a batch with counts that is not known to be written. */
  get isUnsure(): boolean {
    return this.#unwritten !== null && this.#unwritten.queues.size > 0;
  }

  #turnTo(queue: string): void {
    this.#lastQueue = queue;
    this.#last = this.#byQueue.get(queue) ?? noCounts();
    this.#byQueue.set(queue, this.#last);
  }

  #close(): CountsBatch {
    const queues = this.#byQueue;
    const totals = { ...this.#totals };
    for (const counts of queues.values()) for (const name of COUNTED_OUTCOMES) totals[name] += counts[name];
    this.#byQueue = new Map();
    this.#lastQueue = null;
    this.#totals = totals;
    return { queues, totals };
  }
}

/** Returns counts that are all zero. */
export function noCounts(): OutcomeCounts {
  return { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 };
}
