import { checkText, type Executor, executorOf, integerIn, type Queryable } from "@millrace/base";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { JobNotFoundError, JobStateError } from "../errors.ts";
import { type InTransaction, inTransactionOr } from "../job/in-transaction-option.ts";
import type { Job, JobAttempt } from "../job/job.ts";
import { TRANSITIONS } from "../job/transitions.ts";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./bulk.ts";
import { cancelMany, deleteMany, retryMany } from "./bulk-commands.ts";
import { cancelJob } from "./cancel-job.sql.ts";
import { checkId } from "./check-id.ts";
import { checkListFilter, type JobFilter } from "./job-filter.ts";
import { listPausedQueues } from "./list-paused-queues.sql.ts";
import { pauseQueue } from "./pause-queue.sql.ts";
import { type PruneOptions, prune } from "./prune.ts";
import type { QueueStats, QueueStatus } from "./queue-stats.ts";
import { emptyStats, findJob, listAttempts, listJobs, readStats } from "./read-jobs.sql.ts";
import { resumeQueue } from "./resume-queue.sql.ts";
import { retryJob } from "./retry-job.sql.ts";
import { waitsForWorker } from "./waits-for-worker.sql.ts";

/** The result of `cancel`: the job is canceled, or a cancel of its run was requested. */
export type CancelResult = "canceled" | "cancel-requested";

/**
 * The commands on jobs and queues, for people and their tools. Each command is one transaction, unless its description
 * says that the command works in batches. Bad arguments throw `InvalidOptionError` (`INVALID_OPTION`).
 */
export interface JobCommands {
  /**
   * Cancels a queued job, or requests a cancel of a running job: the worker then aborts the handler's signal. Throws
   * `JobNotFoundError` (`JOB_NOT_FOUND`), and `JobStateError` (`JOB_STATE`) if the job has ended.
   *
   * @example
   * const result = await queue.cancel(id); // "canceled" or "cancel-requested"
   */
  cancel(id: string, options?: InTransaction): Promise<CancelResult>;
  /**
   * Queues a failed or canceled job again. The job is due now, and has all its attempts again. Throws
   * `JobNotFoundError` (`JOB_NOT_FOUND`), and `JobStateError` (`JOB_STATE`) if the job is in another state.
   */
  retry(id: string, options?: InTransaction): Promise<void>;
  /**
   * Retries all failed and canceled jobs that fit a filter. `{ all: true }` fits every job; an empty filter is refused.
   *
   * Works in batches: each batch is one statement, and commits by itself. After an error or an abort, finished batches
   * keep their effect, and the same call may be repeated. Jobs enqueued during the call are left unchanged.
   *
   * @example
   * const { changed } = await queue.retryMany({ queue: "mail", state: "failed" });
   */
  retryMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
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
   */
  deleteMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /** Returns a job. Throws `JobNotFoundError` (`JOB_NOT_FOUND`). */
  get(id: string): Promise<Job>;
  /**
   * Returns true if a job is queued and due, and no worker of the last 30 s claims from the job's queue and has its
   * task. Such a job stays queued until a suitable worker starts.
   */
  waitsForWorker(id: string): Promise<boolean>;
  /** Returns the attempts of a job that did not complete the job, oldest first. Empty if no job has this id. */
  attempts(id: string): Promise<JobAttempt[]>;
  /** Lists jobs, newest first. Returns at most `limit` jobs, by default 50. */
  list(filter?: JobFilter): Promise<Job[]>;
  /** Counts the jobs of each queue that has jobs. Reads all jobs, so call `stats` seldom. */
  stats(): Promise<QueueStats[]>;
  /** Returns every queue that has jobs or is paused, by name. Reads all jobs, as `stats` does. */
  queues(): Promise<QueueStatus[]>;
  /**
   * Pauses a queue, named in 1 to 100 characters. After their next poll, workers claim no more jobs of the queue. Jobs
   * that are claimed already run on. Returns false if the queue was paused before.
   */
  pause(name: string): Promise<boolean>;
  /** Resumes a paused queue, and notifies the workers. Returns false if the queue was not paused. */
  resume(name: string): Promise<boolean>;
  /**
   * Deletes ended jobs that are older than `olderThanMs`, and all but the newest `keepLast` jobs of each state. Returns
   * how many jobs were deleted. Works in batches, which no claim waits for. A job whose key is taken for a period stays
   * until the period is over.
   *
   * @example
   * const deleted = await queue.prune({ olderThanMs: 7 * 86_400_000, states: ["completed"] });
   */
  prune(options: PruneOptions): Promise<number>;
}

/** Creates the commands on jobs and queues for a database. */
export function createJobCommands(db: Queryable): JobCommands {
  const own = executorOf(db);
  return {
    cancel: (id, options = {}) => inTransactionOr(own, options, (db) => cancel(db, id)),
    retry: (id, options = {}) =>
      inTransactionOr(own, options, (db) => retry(db, id, { commitsAtOnce: options.tx === undefined })),
    retryMany: (filter, options = {}) => retryMany(own, filter, options),
    cancelMany: (filter, options = {}) => cancelMany(own, filter, options),
    deleteMany: (filter, options = {}) => deleteMany(own, filter, options),
    get: (id) => get(own, id),
    waitsForWorker: async (id) => waitsForWorker(own, checkId("id", id)),
    attempts: async (id) => listAttempts(own, checkId("id", id)),
    list: (filter = {}) => list(own, filter),
    stats: () => readStats(own),
    queues: async () => withPauses(await readStats(own), await listPausedQueues(own)),
    pause: async (name) => pauseQueue(own, checkQueueName(name)),
    resume: async (name) => resumeQueue(own, checkQueueName(name)),
    prune: (options) => prune(own, options),
  };
}

async function cancel(db: Executor, id: string) {
  const result = await cancelJob(db, checkId("id", id));
  if (result !== null) return result;
  throw new JobStateError(await get(db, id), "cancel", [
    ...TRANSITIONS.cancel.from,
    ...TRANSITIONS.honourCancel.from,
  ]);
}

async function retry(db: Executor, id: string, options: InsertOptions) {
  if (await retryJob(db, checkId("id", id), options)) return;
  throw new JobStateError(await get(db, id), "retry", TRANSITIONS.retry.from);
}

async function get(db: Executor, id: string) {
  const job = await findJob(db, checkId("id", id));
  if (job === null) throw new JobNotFoundError(id);
  return job;
}

async function list(db: Executor, filter: JobFilter) {
  checkListFilter(filter);
  return listJobs(db, { ...filter, limit: integerIn("limit", filter.limit ?? 50, [1, 1_000]) });
}

/** Adds the times of pauses to the stats, and adds the paused queues that have no jobs. */
function withPauses(stats: readonly QueueStats[], paused: ReadonlyMap<string, Date>): QueueStatus[] {
  const known = new Set(stats.map((each) => each.queue));
  const empty = [...paused.keys()].filter((name) => !known.has(name)).map(emptyStats);
  return [...stats, ...empty]
    .map((each) => ({ ...each, pausedAt: paused.get(each.queue) ?? null }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

const checkQueueName = (name: string) => checkText("name", name, 100);
