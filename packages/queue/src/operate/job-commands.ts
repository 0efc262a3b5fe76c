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

/** The result of `cancel`: the job is canceled, or its worker was asked to stop it. */
export type CancelResult = "canceled" | "cancel-requested";

/**
 * Commands on jobs and queues, for people and their tools. Each is one transaction, unless its description says that it
 * works in batches.
 */
export interface JobCommands {
  /** Cancels a queued job, or asks a running one to stop. Throws `JobNotFoundError`, `JobStateError`. */
  cancel(id: string, options?: InTransaction): Promise<CancelResult>;
  /** Queues a failed or canceled job again, due now, with all its attempts. Throws as `cancel` does. */
  retry(id: string, options?: InTransaction): Promise<void>;
  /**
   * Retries all jobs that fit a filter, in batches of one statement each, up to the newest job at the begin. Each batch
   * is committed by itself. After an error or an abort, finished batches keep their effect, and the same call again
   * goes on. `{ all: true }` is every job; an empty filter is refused. Throws `InvalidOptionError`, also for a state
   * that the command cannot change.
   */
  retryMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /** Cancels queued jobs and asks running jobs to stop; see `retryMany`. */
  cancelMany(filter: BulkFilter, options?: BulkOptions): Promise<CancelManyResult>;
  /** Deletes queued and finished jobs, with their attempts; running jobs are left alone. See `retryMany`. */
  deleteMany(filter: BulkFilter, options?: BulkOptions): Promise<BulkResult>;
  /** One job. Throws `JobNotFoundError`. */
  get(id: string): Promise<Job>;
  /**
   * Whether a job is queued and due, and no worker seen in the last 30 s claims from its queue and has its task. Such a
   * job stays queued until a worker does both.
   */
  waitsForWorker(id: string): Promise<boolean>;
  /** The attempts of a job that did not complete it, oldest first. */
  attempts(id: string): Promise<JobAttempt[]>;
  list(filter?: JobFilter): Promise<Job[]>;
  stats(): Promise<QueueStats[]>;
  /** Every queue that has jobs or is paused, by name. Reads the whole table, as `stats` does. */
  queues(): Promise<QueueStatus[]>;
  /**
   * Pauses a queue. Within a poll no worker claims from it any more; jobs that are already claimed run on. False when
   * the queue was paused before. Throws `InvalidOptionError` for a bad name.
   */
  pause(name: string): Promise<boolean>;
  /** Resumes a paused queue and wakes the workers. False when the queue was not paused. Throws as `pause` does. */
  resume(name: string): Promise<boolean>;
  /**
   * Deletes finished jobs that are older than an age, and finished jobs beyond the number to keep. Works in bounded
   * batches that claims do not wait for. A throttle's job stays until its period is over. Returns how many jobs were
   * deleted. Throws `InvalidOptionError`.
   */
  prune(options: PruneOptions): Promise<number>;
}

/** The commands on a database. */
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

/** Every queue that has jobs or is paused. */
function withPauses(stats: readonly QueueStats[], paused: ReadonlyMap<string, Date>): QueueStatus[] {
  const known = new Set(stats.map((each) => each.queue));
  const empty = [...paused.keys()].filter((name) => !known.has(name)).map(emptyStats);
  return [...stats, ...empty]
    .map((each) => ({ ...each, pausedAt: paused.get(each.queue) ?? null }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

const checkQueueName = (name: string) => checkText("name", name, 100);
