import { cancelMany, deleteMany, retryMany } from "./bulk.ts";
import { checkText } from "./check-text.ts";
import type { Task } from "./define-task.ts";
import type { ClaimedJob } from "./domain/job.ts";
import { type EnqueueOptions, isUuid } from "./domain/new-job.ts";
import { TRANSITIONS } from "./domain/transitions.ts";
import { createEnqueue, insertFor } from "./enqueue.ts";
import { enqueueMany } from "./enqueue-many.ts";
import { InvalidOptionError, JobNotFoundError, JobStateError } from "./errors.ts";
import { insertAll, refuseDuplicates } from "./insert-all.ts";
import { integerIn } from "./integer-in.ts";
import { namingErrors } from "./naming-errors.ts";
import { prune } from "./prune.ts";
import type {
  ClaimOptions,
  EnqueueResult,
  InTransaction,
  JobFilter,
  Queue,
  QueueStats,
  QueueStatus,
  RecoverOptions,
} from "./queue.ts";
import { cancelJob } from "./store/cancel-job.ts";
import { claimJobs } from "./store/claim-jobs.ts";
import { completeJobs } from "./store/complete-jobs.ts";
import { discoverLanes } from "./store/discover-lanes.ts";
import type { IdentifiedInsert, InsertOptions } from "./store/enqueue-jobs.ts";
import { extendLeases } from "./store/extend-leases.ts";
import { failJobs } from "./store/fail-jobs.ts";
import { listPausedQueues } from "./store/list-paused-queues.ts";
import { pauseQueue } from "./store/pause-queue.ts";
import { type Executor, executorOf, type Queryable } from "./store/queryable.ts";
import { emptyStats, findJob, listAttempts, listJobs, readStats } from "./store/read-jobs.ts";
import { recoverJobs } from "./store/recover-jobs.ts";
import { releaseJobs } from "./store/release-jobs.ts";
import { resumeQueue } from "./store/resume-queue.ts";
import { retryJob } from "./store/retry-job.ts";

/** A job that crashed more often than this fails: enough for a bad deploy, too few for a job that kills workers. */
export const DEFAULT_MAX_CRASHES = 5;

/** How long a worker's id may be, in characters. */
export const WORKER_ID_MAX = 100;

/** The queue on a database: a pg pool, or a Drizzle database. Does nothing until one of its methods is called. */
export function createQueue(db: Queryable): Queue {
  return namingErrors(queueOn(db));
}

function queueOn(db: Queryable): Queue {
  const own = executorOf(db);
  const on = (tx: Queryable | undefined) => (tx === undefined ? own : executorOf(tx));
  const insertOne = createEnqueue(db);
  const enqueue = async (
    target: string | Task<unknown>,
    options: EnqueueOptions & { payload?: unknown },
    tx: Queryable | undefined,
  ): Promise<EnqueueResult> => {
    const insert = await insertFor(target, options);
    const result = tx === undefined ? await insertOne(insert) : await insertInTransaction(tx, insert);
    refuseDuplicates([insert], [result]);
    return result;
  };
  return {
    enqueue: (
      target: string | Task<unknown>,
      payload?: unknown,
      { tx, ...options }: EnqueueOptions & InTransaction = {},
    ) => enqueue(target, { payload, ...options }, tx),
    enqueueMany: (jobs, { tx } = {}) => enqueueMany({ own: db, tx }, jobs),
    claim: (options) => {
      integerIn("limit", options.limit, [1, 10_000]);
      checkText("workerId", options.workerId, WORKER_ID_MAX);
      return claim(own, checkLease(options));
    },
    complete: async (leases, { tx } = {}) =>
      leases.length === 0 ? [] : (await completeJobs(on(tx), leases, "wait")).refused,
    fail: async (failures, { tx } = {}) => {
      const { retried, failed, canceled, refused } =
        failures.length === 0 ? NO_RUNS : await failJobs(on(tx), failures, "wait");
      return { retried, failed, canceled, refused };
    },
    release: async (leases) => (leases.length === 0 ? [] : (await releaseJobs(own, leases, "wait")).refused),
    extend: async (leases, leaseSeconds) => {
      checkLease({ leaseSeconds });
      return leases.length === 0
        ? { refused: [], locked: [], cancelRequested: [] }
        : extendLeases(own, leases, leaseSeconds);
    },
    recover: (options = {}) => recover(own, options),
    cancel: (id, { tx } = {}) => cancel(on(tx), id),
    retry: (id, { tx } = {}) => retry(on(tx), id, { commitsAtOnce: tx === undefined }),
    retryMany: (filter, options = {}) => retryMany(own, filter, options),
    cancelMany: (filter, options = {}) => cancelMany(own, filter, options),
    deleteMany: (filter, options = {}) => deleteMany(own, filter, options),
    get: (id) => get(own, id),
    attempts: (id) => listAttempts(own, checkId(id)),
    list: (filter = {}) => list(own, filter),
    stats: () => readStats(own),
    queues: async () => withPauses(await readStats(own), await listPausedQueues(own)),
    pause: async (name) => pauseQueue(own, checkQueueName(name)),
    resume: async (name) => resumeQueue(own, checkQueueName(name)),
    prune: (options) => prune(own, options),
  };
}

const NO_RUNS = { retried: [], failed: [], canceled: [], refused: [] };

async function insertInTransaction(tx: Queryable, insert: IdentifiedInsert): Promise<EnqueueResult> {
  const [result] = await insertAll(executorOf(tx), [insert], { commitsAtOnce: false });
  return result ?? { id: insert.id, outcome: "enqueued" };
}

async function claim(db: Executor, { queues, ...request }: ClaimOptions): Promise<ClaimedJob[]> {
  const found = await discoverLanes(db, queues);
  // Without a priority, it is a paused queue.
  const lanes = found.flatMap(({ queue, priority }) =>
    priority === null ? [] : { queue, priority, from: null },
  );
  const { jobs } = await claimJobs(db, { ...request, lanes });
  return jobs;
}

async function recover(db: Executor, options: RecoverOptions) {
  const maxCrashes = integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]);
  return recoverJobs(db, maxCrashes, integerIn("limit", options.limit ?? 500, [1, 10_000]));
}

async function cancel(db: Executor, id: string) {
  const result = await cancelJob(db, checkId(id));
  if (result !== null) return result;
  throw new JobStateError(await get(db, id), "cancel", [
    ...TRANSITIONS.cancel.from,
    ...TRANSITIONS.honourCancel.from,
  ]);
}

async function retry(db: Executor, id: string, options: InsertOptions) {
  if (await retryJob(db, checkId(id), options)) return;
  throw new JobStateError(await get(db, id), "retry", TRANSITIONS.retry.from);
}

async function get(db: Executor, id: string) {
  const job = await findJob(db, checkId(id));
  if (job === null) throw new JobNotFoundError(id);
  return job;
}

async function list(db: Executor, filter: JobFilter) {
  if (filter.before !== undefined) checkId(filter.before);
  if (filter.scheduleId !== undefined) checkId(filter.scheduleId);
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

function checkId(id: string): string {
  if (!isUuid(id)) throw new InvalidOptionError("id", "a job id (a UUID)", id);
  return id;
}

function checkLease<O extends { leaseSeconds: number }>(options: O): O {
  integerIn("leaseSeconds", options.leaseSeconds, [5, 3_600]);
  return options;
}
