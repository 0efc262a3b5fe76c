import type { ClaimedJob } from "../job/job.ts";

/**
 * One run of one job in this process: from its claim to the moment its outcome is written. The abort controller is
 * made only when something asks for the signal: most handlers never do.
 */
export class Run {
  readonly job: ClaimedJob;
  /** About how many bytes its payload has; 0 for a small one. */
  readonly bytes: number;
  /** The worker's clock when the statement that last extended the lease was sent: the lease is at least that long. */
  leasedAt: number;
  /** The worker's clock when a lease that the handler extended itself runs out at the earliest. */
  heldUntil = Number.NEGATIVE_INFINITY;
  /** Why the run was aborted, or undefined. */
  abortReason: unknown;
  /**
   * Whether the last renewal skipped the job's row, because it was locked: then progress lets the next try go first.
   */
  rowLocked = false;
  /**
   * Whether the handler has completed the job in a transaction of its own: what came of it, only the database knows. It
   * stays so after a rollback, however that is learnt: the attempt has failed then.
   */
  hasCompleted = false;
  /** Whether such a transaction may be open: then it is what locks the job's row. */
  mayBeCompleting = false;
  /** Whether its outcome is decided: what the handler still writes about its job is refused. */
  ended = false;
  /** Called once, at the abort. */
  onAbort: ((reason: unknown) => void) | undefined;
  #controller: AbortController | undefined;
  /** The worker's clock when the last completion was answered, and the job's row therefore locked. */
  #completedAt = Number.POSITIVE_INFINITY;

  constructor(job: ClaimedJob, leasedAt: number, bytes = 0) {
    this.job = job;
    this.bytes = bytes;
    this.leasedAt = leasedAt;
  }

  /** The handler's signal. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.abortReason !== undefined) this.#controller.abort(this.abortReason);
    }
    return this.#controller.signal;
  }

  /** The handler sends the completion of its job, in a transaction of its own. */
  beginCompletion(): void {
    this.hasCompleted = true;
    this.mayBeCompleting = true;
    this.#completedAt = Number.POSITIVE_INFINITY;
  }

  /** The completion was answered: until its transaction ends, nobody else can write the job's row. */
  completionAnswered(now: number): void {
    this.#completedAt = now;
  }

  /**
   * A statement sent at `sentAt` wrote the row of this run, which holds its lease: if the completion had been answered
   * by then, its transaction has been rolled back.
   */
  rowWasWritten(sentAt: number): void {
    if (sentAt > this.#completedAt) this.mayBeCompleting = false;
  }

  /** Aborts the run; the first reason stays. */
  abort(reason: Error): void {
    if (this.abortReason !== undefined) return;
    this.abortReason = reason;
    this.#controller?.abort(reason);
    this.onAbort?.(reason);
  }
}
