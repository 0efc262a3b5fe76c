import type { Queryable } from "@millrace/base";
import type { JobState } from "@millrace/schema";
import type { EnqueueOptions, NewJob } from "./enqueue/new-job.ts";
import type { TaskJob } from "./enqueue/task-job.ts";
import type { ClaimedJob, Completion, Job, JobAttempt, JsonValue, Lease } from "./job/job.ts";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./operate/bulk.ts";
import type { Task } from "./task/define-task.ts";

/**
 * What became of one enqueue. A duplicate's `id` is the id of the job that has the idempotency key already; a
 * replacement's is the id of the queued job that it replaced.
 */
export interface EnqueueResult {
  id: string;
  outcome: "enqueued" | "duplicate" | "replaced";
}

/** In whose transaction to write: a Drizzle transaction or a pg client. Default: the queue's own connection. */
export interface InTransaction {
  tx?: Queryable;
}

/** Which jobs to list. Newest first; `before` continues after a page's last id. */
export interface JobFilter {
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  /** 1 to 1,000, default 50. */
  limit?: number;
  before?: string;
}

/** How many jobs a queue has in each state, and how far behind it is. */
export interface QueueStats {
  queue: string;
  counts: Record<JobState, number>;
  /** Queued jobs that could run now. */
  due: number;
  /** How long the longest-waiting due job has waited, in ms; null when none is due. */
  oldestDueMs: number | null;
}

/** A queue with its counts, and whether it is claimed from. */
export interface QueueStatus extends QueueStats {
  /** Since when it is paused; null when it is not. */
  pausedAt: Date | null;
}

/** What a failed run leaves behind. */
export interface Failure extends Lease {
  /** Message, stack, own fields and causes, for people. */
  error: string;
  /** When to try again, in ms from now, if the job has an attempt left; null fails the job. */
  retryInMs: number | null;
  /** Ends the job as canceled instead. Default false. */
  cancel?: boolean;
}

/** What became of failed runs, each named once. */
export interface FailResult {
  /** Queued again, for another attempt. */
  retried: Lease[];
  /** Failed for good: no retry was asked for, or the job's attempts are used up. */
  failed: Lease[];
  canceled: Lease[];
  /** Those whose lease was lost: nothing was changed about them. */
  refused: Lease[];
}

/** A run to give back. */
export interface Release extends Lease {
  /** When it is due again, in ms from now. Absent: when it was. */
  delayMs?: number;
}

/** The result of `cancel`: done, or asked of the worker that runs it. */
export type CancelResult = "canceled" | "cancel-requested";

/** The queue's commands on one database. Each is atomic, unless its description says that it works in batches. */
export interface Queue {
  /**
   * Enqueues a job by task (typed and validated) or by type name. Once this resolves the job is in the database,
   * or, with `tx`, is there when that transaction commits. Throws `InvalidJobError`, `InvalidPayloadError`,
   * `DuplicateJobError` where `onDuplicate` asks for it, `KeyContendedError`.
   */
  enqueue(
    type: string,
    payload?: JsonValue,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  // Last, because TypeScript tells of the last overload what is wrong.
  enqueue<Input>(
    task: Task<Input>,
    payload: NoInfer<Input>,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  /**
   * Enqueues many jobs, all or none: by type name, or by task with `jobOf`. Results are in the order of `jobs`. More than 10,000, and those of an iterable, are
   * read and written by the 10,000 in one transaction, so that memory stays bounded. Throws `InvalidJobError` naming
   * up to ten bad jobs by index and field, and as `enqueue` does; then nothing was written.
   */
  enqueueMany(
    jobs: Iterable<NewJob | TaskJob> | AsyncIterable<NewJob | TaskJob>,
    options?: InTransaction,
  ): Promise<EnqueueResult[]>;
  /**
   * Claims up to `limit` due jobs, fewer where their payloads have more than 8 MiB together, but at least one. Concurrent
   * callers never receive the same run of a job.
   */
  claim(options: ClaimOptions): Promise<ClaimedJob[]>;
  /**
   * Completes runs, and keeps their output. Returns those refused because their lease was lost; nothing was changed
   * about them.
   */
  complete(completions: readonly Completion[], options?: InTransaction): Promise<Lease[]>;
  /**
   * Records failed runs: to be retried, or failed for good. A job whose attempts are used up fails, whatever is asked for;
   * one that was asked to be canceled is canceled. Returns what became of each, those refused included.
   */
  fail(failures: readonly Failure[], options?: InTransaction): Promise<FailResult>;
  /** Gives runs back to the queue with the attempt refunded. Returns those refused. */
  release(releases: readonly Release[]): Promise<Lease[]>;
  /** Extends leases to at least `leaseSeconds` from now by the database's clock. */
  extend(leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult>;
  /** Takes back runs whose lease ran out, in one bounded batch. Any process may call it at any time. */
  recover(options?: RecoverOptions): Promise<RecoverResult>;
  /** Cancels a queued job, or asks a running one to stop. Throws `JobNotFoundError`, `JobStateError`. */
  cancel(id: string, options?: InTransaction): Promise<CancelResult>;
  /** Queues a failed or canceled job again, due now, with all its attempts. Throws as `cancel` does. */
  retry(id: string, options?: InTransaction): Promise<void>;
  /**
   * Retries, cancels or deletes all jobs that fit a filter, in batches of one statement each, up to the newest job
   * there was when it began. Each batch is committed by itself: one that fails, or an abort, leaves what was done, and
   * the same call again goes on. Every job is `{ all: true }`; an empty filter is refused. Throws `InvalidOptionError`,
   * also for a state that the command cannot be given to.
   */
  retryMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /** Cancels queued jobs and asks running ones to stop; see `retryMany`. */
  cancelMany(filter: BulkFilter, options?: BulkOptions): Promise<CancelManyResult>;
  /** Deletes queued and finished jobs, with their attempts; running ones are left alone. See `retryMany`. */
  deleteMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /** One job. Throws `JobNotFoundError`. */
  get(id: string): Promise<Job>;
  /**
   * Whether a job is queued and due, and no worker that was seen in the last 30 s claims from its queue and has its task.
   * Such a job stays queued until one does.
   */
  waitsForWorker(id: string): Promise<boolean>;
  /** The attempts of a job that did not complete it, oldest first. */
  attempts(id: string): Promise<JobAttempt[]>;
  list(filter?: JobFilter): Promise<Job[]>;
  stats(): Promise<QueueStats[]>;
  /** Every queue that has jobs or is paused, by name. Reads the whole table, as `stats` does. */
  queues(): Promise<QueueStatus[]>;
  /**
   * Pauses a queue: within a poll no worker claims from it any more; what is claimed already runs on. False when it was
   * paused before. Throws `InvalidOptionError` for a bad name.
   */
  pause(name: string): Promise<boolean>;
  /** Resumes a paused queue and wakes the workers. False when it was not paused. Throws as `pause` does. */
  resume(name: string): Promise<boolean>;
  /**
   * Deletes finished jobs that are older than an age, or of which enough newer ones are kept, in bounded batches that
   * claims do not wait for. A throttle's job stays until its period is over. Returns how many were deleted. Throws `InvalidOptionError`.
   */
  prune(options: PruneOptions): Promise<number>;
}

/** What to claim, for whom, for how long. */
export interface ClaimOptions {
  /** In rising order of patience: jobs of an earlier queue are taken first. */
  queues: readonly string[];
  /** Only jobs of these types; the others stay queued as they are. Absent: jobs of every type. */
  types?: readonly string[];
  /** 1 to 100 characters. */
  workerId: string;
  limit: number;
  /** 5 to 3,600. */
  leaseSeconds: number;
}

/** What became of an extension. */
export interface ExtendResult {
  /** Runs whose lease was lost: nothing was changed about them. */
  refused: Lease[];
  /**
   * Runs whose row another transaction had locked, for instance one that completes them: they were passed over. Nobody
   * can take them while it lasts.
   */
  locked: Lease[];
  /** Runs that still hold their lease and were asked to be canceled. */
  cancelRequested: Lease[];
}

/** How recovery treats runs whose lease ran out. */
export interface RecoverOptions {
  /** A job that crashed more often than this fails. Default 5. */
  maxCrashes?: number;
  /** How many to take back at most. Default 500. */
  limit?: number;
}

/** What recovery did. */
export interface RecoverResult {
  requeued: string[];
  failed: string[];
  canceled: string[];
}

/** Which finished jobs to delete: those that either limit lets go. At least one must be given. */
export interface PruneOptions {
  /** Age since the job finished, in ms. */
  olderThanMs?: number;
  /** How many of each state to keep: the newest by their enqueue. */
  keepLast?: number;
  /** Default: all three final states. */
  states?: readonly ("completed" | "failed" | "canceled")[];
  /** Jobs looked at per statement. Default 1,000. */
  batchSize?: number;
  /** Stops between batches when aborted. */
  signal?: AbortSignal;
}
