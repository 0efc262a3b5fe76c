import type { JobSettings } from "@millrace/schema/values";
import { type JobDetails, NO_DETAILS, type RunDetails } from "../job/claim-details.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { TraceIds } from "../job/trace-context.ts";

/**
 * One run of one job in this process, from its claim until its outcome is written. The abort controller is made only if
 * the handler asks for the signal: most handlers never do.
 */
export class Run {
  readonly job: ClaimedJob;
  /** About how many bytes the job's payload has; 0 for a small payload. */
  readonly bytes: number;
  /**
   * When the last statement that set the lease was sent, by the worker's clock. From then on, the lease holds for at
   * least its full length.
   */
  leasedAt: number;
  /** The earliest end of the lease after the handler called `extend`, by the worker's clock. */
  heldUntil = Number.NEGATIVE_INFINITY;
  /** Why the run was aborted; undefined if it was not. */
  abortReason: unknown;
  /**
   * Whether the last renewal found the run's claim locked, and not by the run's own completion. Then progress waits for
   * the next renewal.
   */
  claimLocked = false;
  /**
   * Whether the handler sent a completion by `completeInTx`. Only the database knows whether that transaction
   * committed. After a rollback this stays true: the attempt has failed, even if the handler returns.
   */
  hasCompleted = false;
  /**
   * Whether the transaction of `completeInTx` may still be open. While this is true, a lock on the run's claim counts
   * as that transaction's lock.
   */
  mayBeCompleting = false;
  /** Whether the run's outcome is decided. From then on, the handler's writes about its job are refused. */
  ended = false;
  /** Called once, when the run is aborted. */
  onAbort: ((reason: unknown) => void) | undefined;
  #controller: AbortController | undefined;
  /**
   * When the last completion was answered, by the worker's clock. From then on, its transaction holds a lock on the
   * run's claim.
   */
  #completedAt = Number.POSITIVE_INFINITY;

  /** How many jobs share the claim of this run, and so its lease. Counts this run's job, too. */
  readonly claimSize: number;
  /** How long the handler took, in ms, once it has ended. */
  durationMs = 0;
  /** The span that covers the handler; null without one. */
  traceIds: TraceIds | null = null;

  readonly #details: RunDetails;

  constructor(job: ClaimedJob, leasedAt: number, bytes = 0, claimSize = 1, details: RunDetails = NO_DETAILS) {
    this.job = job;
    this.leasedAt = leasedAt;
    this.bytes = bytes;
    this.claimSize = claimSize;
    this.#details = details;
  }

  /** The details of the job, decoded when they are first read. */
  get details(): JobDetails {
    return this.#details.of(this.job.id);
  }

  /** The settings with which the job was enqueued; null for most jobs. */
  get settings(): JobSettings | null {
    return this.#details.settingsOf(this.job.id);
  }

  /** How long the job was due until `now` by the worker's clock, in ms. */
  waitMs(now: number): number {
    return this.#details.waitMs(this.job.id, now);
  }

  /** How long after its enqueue the job was claimed, in ms by the database's clock. */
  get claimedAfterMs(): number {
    return this.#details.claimedAfterMs(this.job.id);
  }

  /** When the lease ends, by the worker's clock, if it holds for `leaseMs` from its last renewal. */
  leaseEndsAt(leaseMs: number): number {
    return Math.max(this.leasedAt + leaseMs, this.heldUntil);
  }

  /** The handler's signal. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.abortReason !== undefined) this.#controller.abort(this.abortReason);
    }
    return this.#controller.signal;
  }

  /** The handler sends the completion of its job in its own transaction. */
  beginCompletion(): void {
    this.hasCompleted = true;
    this.mayBeCompleting = true;
    this.#completedAt = Number.POSITIVE_INFINITY;
  }

  /** The completion was answered. Until its transaction ends, nobody else can write the run's claim. */
  completionAnswered(now: number): void {
    this.#completedAt = now;
  }

  /**
   * A statement that was sent at `sentAt` wrote the run's claim, and the run still holds its lease. If a completion was
   * answered before `sentAt`, its transaction was rolled back.
   */
  claimWasWritten(sentAt: number): void {
    if (sentAt > this.#completedAt) this.mayBeCompleting = false;
  }

  /** Aborts the run. The reason of the first abort stays. Returns whether this was the first. */
  abort(reason: Error): boolean {
    if (this.abortReason !== undefined) return false;
    this.abortReason = reason;
    this.#controller?.abort(reason);
    this.onAbort?.(reason);
    return true;
  }
}
