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

/** One fifth of a pool's connections may wait for locks that enqueues need. The other connections stay free. */
const WAIT_EACH = 5;

/**
 * How many first tries outside the shared write may run at once, and how many later tries. The limits are separate, so
 * that lines that ask again for a lock do not delay lines whose lock is free. Small pools have lower limits.
 */
const FIRST_TRIES_MAX = 4;
const ASKING_MAX = 2;

type Enqueue = (insert: IdentifiedInsert) => Promise<EnqueueResult>;

/** The lines of each pool. All queues on a pool share the lines, so that calls with the same key stay in order. */
const sharedLines = new WeakMap<object, Enqueue>();

/** Whether the insert may have to wait for another transaction. Only an insert with an idempotency key may. */
export function mayWaitForLock(insert: IdentifiedInsert): boolean {
  return insert.idempotencyKey !== null;
}

/**
 * Enqueues jobs with keys. A job waits if another transaction has taken the same key and has not committed. Only jobs
 * with that key wait, in the order of their calls.
 *
 * A bounded wait sets `lock_timeout` for the rest of the transaction. So an insert waits without a bound if `db` may be
 * a transaction of the caller.
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
      // Borrows a connection, because `pool.query` closes the connection after a failed statement. A lock timeout is
      // such a failure.
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
  // After any other error, the jobs may have been written, run and pruned. A second write would run the jobs again.
  return isRefusal(error) || error instanceof KeyContendedError ? "split" : "reject";
}

/**
 * Returns how many connections enqueues outside the shared write may take. A small pool lends none for a wait without a
 * bound: the transaction that holds the lock may need that connection to end.
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
