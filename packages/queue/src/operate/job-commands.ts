import type { EnqueueResult } from "../enqueue/enqueue-result.ts";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { Job, JobAttempt } from "../job/job.ts";
import type { AttemptsOptions } from "./attempts.ts";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./bulk.ts";
import type { JobChange } from "./change-job.ts";
import type { InsightCommands } from "./insight-commands.ts";
import type { CountOptions } from "./job-count.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobSearch, SearchOptions } from "./job-search.ts";
import type { JobSelection } from "./job-selection.ts";
import type { JobTexts, TextsOptions } from "./job-texts.ts";
import type { JsonOption } from "./json-option.ts";
import type { CancelResult } from "./one-job.ts";
import type { PruneOptions } from "./prune.ts";
import type { QueueCommands } from "./queue-commands.ts";
import type { CappedCount } from "./queue-depth.ts";
import type { UndoOptions, UndoResult } from "./undo-command.ts";

/**
 * The commands on jobs and queues, for people and their tools. Each command is one transaction, unless its description
 * says that the command works in batches. Bad arguments throw `InvalidOptionError` (`INVALID_OPTION`).
 */
export interface JobCommands extends QueueCommands, InsightCommands {
  /**
   * Cancels a queued job, or requests a cancel of a running job: the worker then aborts the handler's signal. Throws
   * `JobNotFoundError` (`JOB_NOT_FOUND`), and `JobStateError` (`JOB_STATE`) if the job has ended.
   *
   * @example
   * const result = await queue.cancel(id); // "canceled" or "cancel-requested"
   */
  cancel(id: string, options?: InTransaction): Promise<CancelResult>;
  /**
   * Queues an ended job again: completed, failed or canceled. The job is due now, and has all its attempts again. Its
   * output is gone. The job has its key again, unless another job has taken the key. Throws `JobNotFoundError`
   * (`JOB_NOT_FOUND`), and `JobStateError` (`JOB_STATE`) if the job has not ended; its subclass `JobWaitsError` if the
   * job waited for another job of its key that has not ended.
   *
   * @example
   * await queue.retry(id);
   */
  retry(id: string, options?: InTransaction): Promise<void>;
  /**
   * Makes a queued job due now, whatever it waits for: its time, or its next attempt. Its attempts stay. A job that is
   * due already stays as it is. Throws `JobNotFoundError` (`JOB_NOT_FOUND`), and `JobStateError` (`JOB_STATE`) if the
   * job is not queued; its subclass `JobWaitsError` if the job waits for another job of its key.
   *
   * @example
   * await queue.runNow(id);
   */
  runNow(id: string, options?: InTransaction): Promise<void>;
  /**
   * Changes a queued job, all or nothing, and returns the changed job. Attempts stay, and fields that are left out. A
   * worker gets either the job as it was, or the whole changed job.
   *
   * Throws, and has changed nothing:
   * - `InvalidJobError` (`INVALID_JOB`) for a field that an enqueue would refuse, and for a change without a field.
   * - `JobNotFoundError` (`JOB_NOT_FOUND`), `JobStateError` (`JOB_STATE`) if the job is not queued; its subclass
   *   `JobWaitsError` for a change of the time or the key of a job that waits for another job of its key.
   * - `DuplicateJobError` (`DUPLICATE_JOB`) if another job has the new key.
   * - `JobContendedError` (`JOB_CONTENDED`) if other calls kept changing the job first.
   *
   * @example
   * const job = await queue.change(id, { payload: { orderId: 8 }, delayMs: 60_000, tags: ["fixed"] });
   */
  change(id: string, change: JobChange, options?: InTransaction): Promise<Job>;
  /**
   * Enqueues a copy of a job in any state: type, payload, queue, priority, maximum of attempts, tags, metadata and
   * settings. The copy is due now, and has no key, no schedule and no `startBy`. No number of the payload is rounded.
   * Throws `JobNotFoundError` (`JOB_NOT_FOUND`).
   *
   * @example
   * const { id: copy } = await queue.duplicate(id);
   */
  duplicate(id: string, options?: InTransaction): Promise<EnqueueResult>;
  /**
   * Retries all failed and canceled jobs that fit a filter, or all completed ones if the filter has `state:
   * "completed"`. `{ all: true }` fits every failed and canceled job; an empty filter is refused.
   *
   * Works in batches: each batch is one statement, and commits by itself. After an error or an abort, finished batches
   * keep their effect, and the same call may be repeated. Jobs enqueued during the call are left unchanged.
   *
   * @example
   * const { changed } = await queue.retryMany({ queue: "mail", state: "failed" }, { limit: 100 });
   */
  retryMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /**
   * Makes all queued jobs that fit a filter due now, as `runNow` does. Counts only jobs that were not due. Leaves out
   * jobs that wait for another job of their key. Works in batches, as `retryMany` does.
   *
   * @example
   * const { changed } = await queue.runNowMany({ type: "send-receipt", dueBefore: tomorrow });
   */
  runNowMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /**
   * Cancels all queued jobs that fit a filter, and requests a cancel of all running jobs that fit. Works in batches, as
   * `retryMany` does.
   *
   * @example
   * const { changed, cancelRequested } = await queue.cancelMany({ type: "send-receipt" });
   */
  cancelMany(filter: BulkFilter, options?: BulkOptions): Promise<CancelManyResult>;
  /**
   * Deletes all queued and ended jobs that fit a filter, with their attempts. Leaves running jobs unchanged. A job
   * whose key is taken for a period stays until the period is over. Works in batches, as `retryMany` does.
   *
   * @example
   * const { changed } = await queue.deleteMany({ state: "failed", finishedBefore: lastMonth });
   */
  deleteMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /**
   * Returns a job in any state. With `json: false`, its payload, output and progress are null, and are not read. Throws
   * `JobNotFoundError` (`JOB_NOT_FOUND`).
   *
   * @example
   * const job = await queue.get(id);
   * if (job.state === "failed") console.log(job.lastError);
   */
  get(id: string, options?: JsonOption): Promise<Job>;
  /**
   * Returns the job that has an idempotency key, in any state; null if none has. When the key's scope is over, the job
   * keeps the key until another job takes it.
   *
   * @example
   * const job = await queue.findByKey("receipt-7");
   */
  findByKey(key: string): Promise<Job | null>;
  /**
   * Returns true if a job is queued and due, and no worker of the last 30 s claims from the job's queue and has its
   * task. Such a job stays queued until a suitable worker starts.
   */
  waitsForWorker(id: string): Promise<boolean>;
  /** Returns the attempts of a job that did not complete the job, oldest first. Empty if no job has this id. */
  attempts(id: string, options?: AttemptsOptions): Promise<JobAttempt[]>;
  /**
   * Lists jobs: the newest first, or queued jobs in the order in which they come due. Returns at most `limit` jobs, by
   * default 50. For the next page, give the id of the last job as `before`. Throws `JobNotFoundError`
   * (`JOB_NOT_FOUND`) if the order is `oldest-due`, and the job `before` was deleted meanwhile.
   *
   * Reads jobs until a page is full. A filter that few of many jobs fit may read all jobs, unless it names ids, a key
   * or tags.
   *
   * @example
   * const next = await queue.list({ queue: "mail", order: "oldest-due", limit: 10 });
   */
  list(filter?: JobFilter): Promise<Job[]>;
  /**
   * Lists jobs as `list` does, at a bounded cost: looks at no more than `rows` ended jobs and as many waiting jobs, by
   * default 20,000, and returns what it found. A page may have few jobs, or none, and yet have a next page: give its
   * `before` until it is null.
   *
   * Newest first, the pages together have every job that fits, was there when the first page was read, and has not been
   * deleted, in whichever places the job has been meanwhile. A job that changes so that it fits, or no longer fits, may
   * be missing. A job is on one page, because its id does not change. With the order `oldest-due`, a job whose due time
   * changes between two pages may be on both pages, or, if it is then due before the last page, on none.
   *
   * A filter by `createdBefore`, `createdAfter` or `finishedBefore` looks only at ids of that time, and of a day before
   * and after. So it misses a job whose id was made by a clock that is more than a day wrong, or is of another version
   * than 7.
   *
   * @example
   * let before: string | null = null;
   * do {
   *   const page = await queue.search({ type: "mail", errorIncludes: "timeout", ...(before && { before }) });
   *   for (const job of page.jobs) console.log(job.id);
   *   before = page.before;
   * } while (before !== null);
   */
  search(filter?: JobFilter, options?: SearchOptions): Promise<JobSearch>;
  /**
   * Counts the jobs that fit a filter, up to `max`, by default 10,000. Looks at no more than `rows` ended jobs, the
   * newest first, and as many waiting jobs, by default 200,000 (40,000 failed or canceled jobs). If there may be more
   * jobs that fit, the result is `capped`. A filter by time leaves out the jobs that `search` leaves out.
   *
   * @example
   * const { count, capped } = await queue.count({ state: "failed", queue: "mail" });
   */
  count(filter?: JobSelection, options?: CountOptions): Promise<CappedCount>;
  /**
   * Returns payload, output, progress and metadata of up to 1,000 jobs as PostgreSQL writes them, so that no number is
   * rounded; in the order of the ids. An id without a job is left out. With `bytesMax`, a longer text is null.
   *
   * @example
   * const [job] = await queue.texts([id], { bytesMax: 2_000 });
   */
  texts(ids: readonly string[], options?: TextsOptions): Promise<JobTexts[]>;
  /**
   * Deletes ended jobs that are older than `olderThanMs`, and all but the newest `keepLast` jobs of each state. Returns
   * how many jobs were deleted. Works in batches, which no claim waits for. A job whose key is taken for a period stays
   * until the period is over.
   *
   * @example
   * const deleted = await queue.prune({ olderThanMs: 7 * 86_400_000, states: ["completed"] });
   */
  prune(options: PruneOptions): Promise<number>;
  /**
   * Undoes a recorded command, once, within ten minutes of its first change: `cancel`, `retry` and `runNow`, of one job
   * or many, `change`, `pause`, `resume` and `setQueue`. Everything that nobody has touched since is as it was before
   * the command. Everything else, and whatever another transaction has locked, stays as it is, and counts as `left`. A
   * cancel of a running job is withdrawn if the job still runs, and if no later command requested the same. The handler
   * may have been aborted already: if it throws, the job runs again. A job stays canceled if another job has taken its
   * key.
   *
   * Is one transaction, and is recorded itself: needs a queue with `audit`. With `dryRun`, only counts.
   *
   * Throws `NotUndoableError` (`NOT_UNDOABLE`) for an unknown command, an older one, one that has been undone, and an
   * action without undo: what is deleted cannot come back.
   *
   * @example
   * const { commandId } = await queue.cancelMany({ type: "send-receipt" });
   * if (commandId !== null) await queue.undo(commandId); // { restored: 731, left: 4 }
   */
  undo(commandId: string, options?: UndoOptions): Promise<UndoResult>;
}
