import type { JobSettings } from "@millrace/schema/values";
import { type ClaimDetails, type JobDetails, NO_DETAILS } from "../job/claim-details.ts";
import type { ClaimedJob } from "../job/job.ts";

/**
 * One run of one job in this process: from its claim to the moment its outcome is written. The abort controller is made
 * only when the handler asks for the signal: most handlers never do.
 */
export class Run {
  readonly job: ClaimedJob;
  /** About how many bytes its payload has; 0 for a small one. */
  readonly bytes: number;
  /**
   * When the statement that last extended the lease was sent, by the worker's clock. The lease holds for at least its
   * full length from then on.
   */
  leasedAt: number;
  /** The earliest end of a lease that the handler extended itself, by the worker's clock. */
  heldUntil = Number.NEGATIVE_INFINITY;
  /** Why the run was aborted, or undefined. */
  abortReason: unknown;
  /**
   * Whether the last renewal skipped the run's claim because the claim was locked, and not by the run's own completion.
   * Then progress lets the next renewal go first.
   */
  claimLocked = false;
  /**
   * Whether the handler sent a completion by `completeInTx`. Only the database knows whether that transaction
   * committed. The field stays true after a rollback: even if the handler returns, the attempt has then failed.
   */
  hasCompleted = false;
  /**
   * Whether the transaction of `completeInTx` may still be open. If the run's claim is locked meanwhile, that
   * transaction is taken to have locked it.
   */
  mayBeCompleting = false;
  /** Whether the run's outcome is decided. Then every further write of the handler about its job is refused. */
  ended = false;
  /** Called once, at the abort. */
  onAbort: ((reason: unknown) => void) | undefined;
  #controller: AbortController | undefined;
  /**
   * When the last completion was answered, by the worker's clock. From then on its transaction has locked the
   * run's claim.
   */
  #completedAt = Number.POSITIVE_INFINITY;

  /** How many jobs the claim of this run has, this one included: they share a lease. */
  readonly claimSize: number;
  /** How long the handler took, in ms, once it has ended. */
  durationMs = 0;

  readonly #details: Pick<ClaimDetails, "of" | "settingsOf">;

  constructor(
    job: ClaimedJob,
    leasedAt: number,
    bytes = 0,
    claimSize = 1,
    details: Pick<ClaimDetails, "of" | "settingsOf"> = NO_DETAILS,
  ) {
    this.job = job;
    this.leasedAt = leasedAt;
    this.bytes = bytes;
    this.claimSize = claimSize;
    this.#details = details;
  }

  /** What is known of the job besides what every handler needs. */
  get details(): JobDetails {
    return this.#details.of(this.job.id);
  }

  /** What the job was enqueued with and few jobs have; null for most. */
  get settings(): JobSettings | null {
    return this.#details.settingsOf(this.job.id);
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

  /** The completion was answered: until its transaction ends, nobody else can write the run's claim. */
  completionAnswered(now: number): void {
    this.#completedAt = now;
  }

  /**
   * A statement sent at `sentAt` wrote the claim of this run, and the run still holds its lease. If the completion was
   * answered before `sentAt`, its transaction has been rolled back.
   */
  claimWasWritten(sentAt: number): void {
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
