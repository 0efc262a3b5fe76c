import type { Task } from "./define-task.ts";
import type { JsonValue } from "./domain/job.ts";
import { checkNewJob, type EnqueueOptions, type NewJob } from "./domain/new-job.ts";
import { createIdSource } from "./domain/uuid-v7.ts";
import type { EnqueueResult } from "./queue.ts";
import { type Batcher, createBatcher } from "./runtime/batcher.ts";
import { findByKeys, type IdentifiedInsert, type InsertOptions, insertJobs } from "./store/enqueue-jobs.ts";
import { isTransient } from "./store/pg-errors.ts";
import type { Executor } from "./store/queryable.ts";

/** A duplicate's first job may be pruned between the insert and the look-up; then the insert is tried again. */
const ATTEMPTS_MAX = 5;

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

const jobIds = createIdSource(() => Date.now());

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

/** Enqueues many jobs, all or none, in one statement. */
export async function enqueueMany(
  db: Executor,
  jobs: readonly NewJob[],
  options: InsertOptions,
): Promise<EnqueueResult[]> {
  if (jobs.length === 0) return [];
  const inserts = jobs.map((job, index) => ({ id: jobIds.next(), ...checkNewJob(job, `jobs[${index}]`) }));
  return insertAll(db, inserts, options);
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

/** Inserts jobs and tells what became of each, in their order. */
export async function insertAll(
  db: Executor,
  inserts: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<EnqueueResult[]> {
  const results = new Map<string, EnqueueResult>();
  let pending = inserts;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    const inserted = await insertJobs(db, pending, options);
    for (const id of inserted) results.set(id, { id, outcome: "enqueued" });
    const refused = pending.filter((insert) => !inserted.has(insert.id));
    const owners = refused.length === 0 ? new Map() : await findByKeys(db, refused.map(keyOf));
    for (const insert of refused) {
      const id = owners.get(keyOf(insert));
      if (id !== undefined) results.set(insert.id, { id, outcome: "duplicate" });
    }
    pending = pending.filter((insert) => !results.has(insert.id));
    if (attempt === ATTEMPTS_MAX && pending.length > 0) {
      throw new Error(`The jobs with these idempotency keys come and go: ${pending.map(keyOf).join(", ")}`);
    }
  }
  return inserts.flatMap((insert) => results.get(insert.id) ?? []);
}

function keyOf(insert: IdentifiedInsert): string {
  return insert.idempotencyKey ?? "";
}
