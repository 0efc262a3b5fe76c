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
import { EnqueueRooms, type Remedy, type RoomSizes } from "./enqueue-rooms.ts";
import { insertEach } from "./insert-all.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** Of a pool's connections, one in this many may wait for a lock that an enqueue needs: the others stay free. */
const LINE_EACH = 5;

/**
 * How many rooms outside the shared write are written at once, and how many ask again for a lock. The limits are
 * separate, so that rooms that ask for a lock do not delay free rooms. Small pools have less of both.
 */
const FIRST_TRIES_MAX = 4;
const ASKING_MAX = 2;

type Enqueue = (insert: IdentifiedInsert) => Promise<EnqueueResult>;

/** The rooms of each pool: every queue on it shares them, or calls of one key would pass each other. */
const sharedRooms = new WeakMap<object, Enqueue>();

/** Whether a job may have to wait for another transaction: for its key, or for the row of its schedule. */
export function mayWait(insert: IdentifiedInsert): boolean {
  return insert.idempotencyKey !== null || insert.scheduleId !== null;
}

/**
 * Enqueues jobs that may have to wait for somebody's transaction: one that took the same key and has not committed, or
 * one that changes the job's schedule. Only jobs of that key or schedule wait, in the order of their calls. On what may
 * be the caller's transaction, whose setting a bounded wait would change, they wait as any statement does.
 */
export function createEnqueueApart(db: Queryable): Enqueue {
  const place = poolBeneath(db) ?? db;
  const known = sharedRooms.get(place);
  if (known !== undefined) return known;
  const pool = poolBeneath(db);
  const own = executorOf(db);
  const bounded = isWholeDatabase(db);
  const sizes = sizesFor(pool);
  const rooms = new EnqueueRooms<IdentifiedInsert, EnqueueResult>({
    clock: systemClock,
    batchMax: BATCH_MAX,
    ...sizes,
    roomOf: ({ idempotencyKey, scheduleId }) =>
      idempotencyKey === null ? `schedule ${scheduleId}` : `key ${idempotencyKey}`,
    async write(inserts, wait) {
      const options = { commitsAtOnce: true, waitsBriefly: bounded && wait === "briefly" };
      const insert = (executor: Executor) => insertEach(executor, inserts, options);
      // Lent, because a pool closes the connection of a statement that failed, and a lock that was not had is a failure.
      const { results: answers, error } = await (pool === null
        ? insert(own)
        : onConnection({ pool }, insert));
      return { answers, error };
    },
    remedyFor,
  });
  const enqueue: Enqueue = (insert) => rooms.submit(insert);
  sharedRooms.set(place, enqueue);
  return enqueue;
}

function remedyFor(error: unknown): Remedy {
  if (isLockTimeout(error)) return "wait";
  if (cameTooLate(error)) return "repeat";
  // After any other error the jobs may be written, run and gone: a second write would run them again.
  return isRefusal(error) || error instanceof KeyContendedError ? "split" : "reject";
}

/**
 * How many connections enqueues that wait may take. A pool of few has none to spare for a wait of unknown length: a
 * transaction of this process may need the last connection to end.
 */
function sizesFor(pool: object | null): RoomSizes {
  const options: unknown = pool !== null && "options" in pool ? pool.options : undefined;
  const hasMax = typeof options === "object" && options !== null && "max" in options;
  const max = hasMax && typeof options.max === "number" ? options.max : 1;
  return {
    linesMax: Math.floor(max / LINE_EACH),
    firstTriesMax: Math.min(FIRST_TRIES_MAX, Math.max(1, Math.floor(max / 2) - 1)),
    askingMax: Math.min(ASKING_MAX, Math.max(1, Math.floor(max / LINE_EACH))),
  };
}
