import type { Task } from "./define-task.ts";
import type { JsonValue } from "./domain/job.ts";
import { checkNewJob, type EnqueueOptions, type NewJob } from "./domain/new-job.ts";
import { insertAll } from "./insert-all.ts";
import { jobIds } from "./job-ids.ts";
import type { EnqueueResult } from "./queue.ts";
import { type Batcher, createBatcher } from "./runtime/batcher.ts";
import type { IdentifiedInsert } from "./store/enqueue-jobs.ts";
import { isTransient } from "./store/pg-errors.ts";
import type { Executor } from "./store/queryable.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/**
 * Enqueues made at the same moment share one statement and one commit. A statement that fails for one of its jobs,
 * for instance by an unknown schedule, is run again job by job, so that each caller gets its own answer.
 */
export function createEnqueueBatcher(db: Executor): Batcher<IdentifiedInsert, EnqueueResult> {
  return createBatcher({
    batchMax: BATCH_MAX,
    write: (inserts) => insertAll(db, inserts, { commitsAtOnce: true }),
    isShared: (error) => isTransient(error),
  });
}

/** The row that one enqueue inserts, by task or by type name. Throws as `enqueue` does. */
export async function insertFor(
  target: string | Task<unknown>,
  { payload, ...options }: EnqueueOptions & { payload?: unknown },
): Promise<IdentifiedInsert> {
  return { id: jobIds.next(), ...checkNewJob(await jobOf(target, payload, options)) };
}

async function jobOf(
  target: string | Task<unknown>,
  payload: unknown,
  options: EnqueueOptions,
): Promise<NewJob> {
  if (typeof target === "string") {
    return { type: target, ...options, ...(payload === undefined ? {} : { payload: payload as JsonValue }) };
  }
  const { name, queue, priority, maxAttempts } = target;
  return {
    type: name,
    payload: await target.check(payload),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...options,
  };
}
