import {
  cameTooLate,
  type Executor,
  executorOf,
  isLockTimeout,
  isRefusal,
  isWholeDatabase,
  onConnection,
  poolBeneath,
  type Queryable,
  systemClock,
} from "@millrace/base";
import { KeyContendedError } from "../errors.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { IdentifiedInsert, InsertOptions } from "./insert-jobs.sql.ts";
import { insertWithKeys } from "./insert-with-keys.ts";
import { type Remedy, WaitingLines, type WriteLimits } from "./waiting-lines.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/**
 * One in this many connections of a pool may wait for a lock that an enqueue needs: the other connections stay free.
 */
const WAIT_EACH = 5;

/**
 * How many lines outside the shared write are written at once, and how many ask again for a lock. The limits are
 * separate, so that lines that ask for a lock do not delay free lines. Small pools have less of both.
 */
const FIRST_TRIES_MAX = 4;
const ASKING_MAX = 2;

type Enqueue = (insert: IdentifiedInsert) => Promise<EnqueueResult>;

/** The lines of each pool. All queues on a pool share its lines: otherwise calls with one key would pass each other. */
const sharedLines = new WeakMap<object, Enqueue>();

/** Whether a job may have to wait for another transaction: for its key. */
export function mayWait(insert: IdentifiedInsert): boolean {
  return insert.idempotencyKey !== null;
}

/**
 * Enqueues jobs that may have to wait for another transaction, which took the same key and has not committed. Only jobs
 * of that key wait, in the order of their calls. A bounded wait changes a setting of the transaction. So if `db` may be
 * the caller's transaction, the insert waits without a bound.
 */
export function createEnqueueBehindLocks(db: Queryable): Enqueue {
  const linesOwner = poolBeneath(db) ?? db;
  const known = sharedLines.get(linesOwner);
  if (known !== undefined) return known;
  const pool = poolBeneath(db);
  const own = executorOf(db);
  const bounded = isWholeDatabase(db);
  const limits = limitsFor(pool);
  const lines = new WaitingLines<IdentifiedInsert, EnqueueResult>({
    clock: systemClock,
    batchMax: BATCH_MAX,
    ...limits,
    lineOf: ({ idempotencyKey }) => idempotencyKey ?? "",
    async write(inserts, policy) {
      const options: InsertOptions = { commitsAtOnce: true, policy: bounded ? policy : "wait" };
      const insert = (executor: Executor) => insertWithKeys(executor, inserts, options);
      // Borrow a connection: `pool.query` closes the connection of a failed statement, and a lock timeout counts as a
      // failure.
      const { results: answers, error } = await (pool === null
        ? insert(own)
        : onConnection({ pool }, insert));
      return { answers, error };
    },
    remedyFor,
  });
  const enqueue: Enqueue = (insert) => lines.submit(insert);
  sharedLines.set(linesOwner, enqueue);
  return enqueue;
}

function remedyFor(error: unknown): Remedy {
  if (isLockTimeout(error)) return "wait";
  if (cameTooLate(error)) return "repeat";
  // After any other error the jobs may be written, run and gone: a second write would run them again.
  return isRefusal(error) || error instanceof KeyContendedError ? "split" : "reject";
}

/**
 * How many connections waiting enqueues may take. A small pool cannot spare a connection for a wait of unknown length:
 * a transaction of this process may need the last connection to end.
 */
function limitsFor(pool: object | null): WriteLimits {
  const options: unknown = pool !== null && "options" in pool ? pool.options : undefined;
  const hasMax = typeof options === "object" && options !== null && "max" in options;
  const max = hasMax && typeof options.max === "number" ? options.max : 1;
  return {
    waitsMax: Math.floor(max / WAIT_EACH),
    firstTriesMax: Math.min(FIRST_TRIES_MAX, Math.max(1, Math.floor(max / 2) - 1)),
    askingMax: Math.min(ASKING_MAX, Math.max(1, Math.floor(max / WAIT_EACH))),
  };
}
