import { FINAL_STATES } from "@millrace/schema";
import type { Task } from "./define-task.ts";
import type { ClaimedJob } from "./domain/job.ts";
import { type EnqueueOptions, isUuid } from "./domain/new-job.ts";
import { TRANSITIONS } from "./domain/transitions.ts";
import { createEnqueueBatcher, enqueueMany, insertAll, insertFor } from "./enqueue.ts";
import { InvalidOptionError, JobNotFoundError, JobStateError } from "./errors.ts";
import { integerIn } from "./integer-in.ts";
import type {
  ClaimOptions,
  EnqueueResult,
  InTransaction,
  JobFilter,
  PruneOptions,
  Queue,
  RecoverOptions,
} from "./queue.ts";
import { cancelJob } from "./store/cancel-job.ts";
import { claimJobs } from "./store/claim-jobs.ts";
import { completeJobs } from "./store/complete-jobs.ts";
import { discoverLanes } from "./store/discover-lanes.ts";
import { extendLeases } from "./store/extend-leases.ts";
import { failJobs } from "./store/fail-jobs.ts";
import { pruneJobs } from "./store/prune-jobs.ts";
import { type Executor, executorOf, type Queryable } from "./store/queryable.ts";
import { findJob, listAttempts, listJobs, readStats } from "./store/read-jobs.ts";
import { recoverJobs } from "./store/recover-jobs.ts";
import { releaseJobs } from "./store/release-jobs.ts";
import { retryJob } from "./store/retry-job.ts";

/** A job that crashed more often than this fails: enough for a bad deploy, too few for a job that kills workers. */
export const DEFAULT_MAX_CRASHES = 5;

/** The queue on a database: a pg pool, or a Drizzle database. Does nothing until one of its methods is called. */
export function createQueue(db: Queryable): Queue {
  const own = executorOf(db);
  const on = (tx: Queryable | undefined) => (tx === undefined ? own : executorOf(tx));
  const batcher = createEnqueueBatcher(own);
  const enqueue = async (
    target: string | Task<unknown>,
    options: EnqueueOptions & { payload?: unknown },
    tx: Queryable | undefined,
  ): Promise<EnqueueResult> => {
    const insert = await insertFor(target, options);
    if (tx === undefined) return batcher.submit(insert);
    const [result] = await insertAll(executorOf(tx), [insert], { commitsAtOnce: false });
    return result ?? { id: insert.id, outcome: "enqueued" };
  };
  return {
    enqueue: (
      target: string | Task<unknown>,
      payload?: unknown,
      { tx, ...options }: EnqueueOptions & InTransaction = {},
    ) => enqueue(target, { payload, ...options }, tx),
    enqueueMany: (jobs, { tx } = {}) => enqueueMany(on(tx), jobs, { commitsAtOnce: tx === undefined }),
    claim: (options) => {
      integerIn("limit", options.limit, [1, 10_000]);
      return claim(own, checkLease(options));
    },
    complete: async (leases, { tx } = {}) => (leases.length === 0 ? [] : completeJobs(on(tx), leases)),
    fail: async (failures, { tx } = {}) => (failures.length === 0 ? [] : failJobs(on(tx), failures)),
    release: async (leases) => (leases.length === 0 ? [] : releaseJobs(own, leases)),
    extend: async (leases, leaseSeconds) => {
      checkLease({ leaseSeconds });
      return leases.length === 0
        ? { refused: [], cancelRequested: [] }
        : extendLeases(own, leases, leaseSeconds);
    },
    recover: (options = {}) => recover(own, options),
    cancel: (id, { tx } = {}) => cancel(on(tx), id),
    retry: (id, { tx } = {}) => retry(on(tx), id),
    get: (id) => get(own, id),
    attempts: (id) => listAttempts(own, checkId(id)),
    list: (filter = {}) => list(own, filter),
    stats: () => readStats(own),
    prune: (options) => prune(own, options),
  };
}

async function claim(db: Executor, { queues, ...request }: ClaimOptions): Promise<ClaimedJob[]> {
  const lanes = await discoverLanes(db, queues);
  const { jobs } = await claimJobs(db, { ...request, lanes: lanes.map((lane) => ({ ...lane, from: null })) });
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

async function retry(db: Executor, id: string) {
  if (await retryJob(db, checkId(id))) return;
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

async function prune(db: Executor, options: PruneOptions): Promise<number> {
  if (!(Number.isFinite(options.olderThanMs) && options.olderThanMs >= 0)) {
    throw new InvalidOptionError("olderThanMs", "a number of ms ≥ 0", options.olderThanMs);
  }
  const batchSize = integerIn("batchSize", options.batchSize ?? 1_000, [1, 100_000]);
  const states = options.states ?? FINAL_STATES;
  let deleted = 0;
  for (const table of ["job_history", "jobs"] as const) {
    let after: string | null = null;
    do {
      const step = await pruneJobs(db, { table, after, batchSize, states, olderThanMs: options.olderThanMs });
      deleted += step.deleted;
      after = step.after;
    } while (after !== null && options.signal?.aborted !== true);
  }
  return deleted;
}

function checkId(id: string): string {
  if (!isUuid(id)) throw new InvalidOptionError("id", "a job id (a UUID)", id);
  return id;
}

function checkLease<O extends { leaseSeconds: number }>(options: O): O {
  integerIn("leaseSeconds", options.leaseSeconds, [5, 3_600]);
  return options;
}
