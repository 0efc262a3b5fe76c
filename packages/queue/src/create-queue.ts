import {
  checkQueryable,
  checkText,
  type Executor,
  executorOf,
  inTurn,
  integerIn,
  type Queryable,
} from "@millrace/base";
import { claimOnce } from "./claim/claim-once.ts";
import { enqueueMany } from "./enqueue/enqueue-many.ts";
import { createEnqueue, insertFor } from "./enqueue/enqueue-one.ts";
import { insertAll, refuseDuplicates } from "./enqueue/insert-all.ts";
import type { IdentifiedInsert, InsertOptions } from "./enqueue/insert-jobs.sql.ts";
import { checkJobFields, ENQUEUE_FIELDS, type EnqueueOptions } from "./enqueue/new-job.ts";
import { JobNotFoundError, JobStateError } from "./errors.ts";
import { checkInTransaction, checkTransaction } from "./job/in-transaction-option.ts";
import { TRANSITIONS } from "./job/transitions.ts";
import { extendLeases } from "./lease/extend-leases.sql.ts";
import { recoverJobs } from "./lease/recover-jobs.sql.ts";
import { namingErrors } from "./naming-errors.ts";
import { cancelMany, deleteMany, retryMany } from "./operate/bulk-commands.ts";
import { cancelJob } from "./operate/cancel-job.sql.ts";
import {
  checkClaim,
  checkId,
  checkLeaseSeconds,
  checkListFilter,
  checkRecover,
} from "./operate/check-queries.ts";
import { listPausedQueues } from "./operate/list-paused-queues.sql.ts";
import { pauseQueue } from "./operate/pause-queue.sql.ts";
import { prune } from "./operate/prune.ts";
import { emptyStats, findJob, listAttempts, listJobs, readStats } from "./operate/read-jobs.sql.ts";
import { resumeQueue } from "./operate/resume-queue.sql.ts";
import { retryJob } from "./operate/retry-job.sql.ts";
import { waitsForWorker } from "./operate/waits-for-worker.sql.ts";
import type {
  EnqueueResult,
  InTransaction,
  JobFilter,
  Queue,
  QueueStats,
  QueueStatus,
  RecoverOptions,
} from "./queue.ts";
import { checkCompletions, checkFailures, checkReleases } from "./settle/check-settlements.ts";
import { completeJobs } from "./settle/complete-jobs.sql.ts";
import { failJobs } from "./settle/fail-jobs.sql.ts";
import { releaseJobs } from "./settle/release-jobs.sql.ts";
import type { Task } from "./task/define-task.ts";

/** A job that crashed more often than this fails: enough for a bad deploy, too few for a job that kills workers. */
export const DEFAULT_MAX_CRASHES = 5;

/** The fields of the options of `enqueue`. */
const OPTION_FIELDS: readonly string[] = ["tx", ...ENQUEUE_FIELDS];

/** The queue on a database: a pg pool, or a Drizzle database. Does nothing until one of its methods is called. */
export function createQueue(db: Queryable): Queue {
  checkQueryable("db", db);
  return namingErrors(queueOn(db));
}

function queueOn(db: Queryable): Queue {
  const own = executorOf(db);
  const on = async <R>(options: InTransaction, work: (db: Executor) => Promise<R>): Promise<R> => {
    const { tx } = checkInTransaction(options);
    return tx === undefined ? work(own) : inTurn(tx, () => work(executorOf(tx)));
  };
  const insertOne = createEnqueue(db);
  const enqueue = async (
    target: string | Task<unknown>,
    payload: unknown,
    given: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult> => {
    checkJobFields(given, OPTION_FIELDS);
    const { tx, ...options } = given;
    if (tx !== undefined) checkTransaction(tx);
    const insert = await insertFor(target, { payload, ...options });
    const result = tx === undefined ? await insertOne(insert) : await insertInTransaction(tx, insert);
    refuseDuplicates([insert], [result]);
    return result;
  };
  return {
    enqueue: (
      target: string | Task<unknown>,
      payload?: unknown,
      options: EnqueueOptions & InTransaction = {},
    ) => enqueue(target, payload, options),
    enqueueMany: async (jobs, options = {}) =>
      enqueueMany({ own: db, tx: checkInTransaction(options).tx }, jobs),
    claim: (options) => claimOnce(own, checkClaim(options)),
    complete: (completions, options = {}) =>
      on(options, async (db) => {
        checkCompletions(completions);
        return completions.length === 0 ? [] : (await completeJobs(db, completions, "wait")).refused;
      }),
    fail: (failures, options = {}) =>
      on(options, async (db) => {
        checkFailures(failures);
        const { retried, failed, canceled, refused } =
          failures.length === 0 ? NO_RUNS : await failJobs(db, failures, "wait");
        return { retried, failed, canceled, refused };
      }),
    release: async (releases) => {
      checkReleases(releases);
      return releases.length === 0 ? [] : (await releaseJobs(own, releases, "wait")).refused;
    },
    extend: async (leases, leaseSeconds) => {
      checkLeaseSeconds(leaseSeconds);
      return leases.length === 0
        ? { refused: [], locked: [], cancelRequested: [] }
        : extendLeases(own, leases, leaseSeconds);
    },
    recover: (options = {}) => recover(own, options),
    cancel: (id, options = {}) => on(options, (db) => cancel(db, id)),
    retry: (id, options = {}) =>
      on(options, (db) => retry(db, id, { commitsAtOnce: options.tx === undefined })),
    retryMany: (filter, options = {}) => retryMany(own, filter, options),
    cancelMany: (filter, options = {}) => cancelMany(own, filter, options),
    deleteMany: (filter, options = {}) => deleteMany(own, filter, options),
    get: (id) => get(own, id),
    waitsForWorker: async (id) => waitsForWorker(own, checkId("id", id)),
    attempts: (id) => listAttempts(own, checkId("id", id)),
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
  const [result] = await inTurn(tx, () => insertAll(executorOf(tx), [insert], { commitsAtOnce: false }));
  return result ?? { id: insert.id, outcome: "enqueued" };
}

async function recover(db: Executor, options: RecoverOptions) {
  checkRecover(options);
  const maxCrashes = integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]);
  return recoverJobs(db, maxCrashes, integerIn("limit", options.limit ?? 500, [1, 10_000]));
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
