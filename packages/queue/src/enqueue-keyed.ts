import { insertAll } from "./insert-all.ts";
import type { EnqueueResult } from "./queue.ts";
import { createBatcher } from "./runtime/batcher.ts";
import { systemClock } from "./runtime/clock.ts";
import { pause } from "./runtime/pause.ts";
import type { IdentifiedInsert } from "./store/enqueue-jobs.ts";
import { isLockTimeout, isTransient } from "./store/pg-errors.ts";
import { executorOf, isWholeDatabase, type Queryable } from "./store/queryable.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** The first wait before a key that an open transaction holds is tried again, in ms; doubles up to the last. */
const RETRY_FIRST_MS = 50;
const RETRY_LAST_MS = 500;

/**
 * Enqueues jobs that have a key. Those made at the same moment share their statements. A key that a transaction has
 * taken and not committed must be waited for: only the jobs that want it wait, and between their tries they hold no
 * connection, so that whoever holds the key can still enqueue and commit. On what may be somebody's transaction,
 * whose setting a bounded wait would change, they wait as any statement does.
 */
export function createKeyedEnqueue(db: Queryable): (insert: IdentifiedInsert) => Promise<EnqueueResult> {
  const executor = executorOf(db);
  const write = (inserts: readonly IdentifiedInsert[]) =>
    insertAll(executor, inserts, { commitsAtOnce: true, waitsBriefly: isWholeDatabase(db) });
  const batcher = createBatcher({
    batchMax: BATCH_MAX,
    write,
    // One by one they are tried by their own callers.
    isShared: (error) => isTransient(error),
  });
  const alone = async (insert: IdentifiedInsert) => (await write([insert]))[0];

  return async (insert) => {
    let result: EnqueueResult | undefined;
    let waitMs = 0;
    while (result === undefined) {
      try {
        result = await (waitMs === 0 ? batcher.submit(insert) : alone(insert));
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
        if (waitMs > 0) await pause(systemClock, waitMs);
        waitMs = waitMs === 0 ? RETRY_FIRST_MS : Math.min(RETRY_LAST_MS, waitMs * 2);
      }
    }
    return result;
  };
}
