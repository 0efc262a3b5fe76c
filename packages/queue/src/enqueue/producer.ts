import { executorOf, inTurn, type Queryable } from "@millrace/base";
import { checkInTransaction, checkTransaction, type InTransaction } from "../job/in-transaction-option.ts";
import type { JsonValue } from "../job/job.ts";
import { enqueueMany } from "./enqueue-many.ts";
import { createEnqueue, insertFor } from "./enqueue-one.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";
import { insertAll, refuseDuplicates } from "./insert-with-keys.ts";
import type { TaskJob } from "./job-of.ts";
import { checkJobFields, ENQUEUE_FIELDS, type EnqueueOptions, type NewJob } from "./new-job.ts";

/** Enqueues jobs: all that an application needs if it only produces jobs. */
export interface Producer {
  /**
   * Enqueues a job by task (typed and validated) or by type name. When this resolves, the job is in the database; with
   * `tx`, the job is there when that transaction commits. Throws `InvalidJobError`, `InvalidPayloadError`,
   * `DuplicateJobError` if `onDuplicate` is `error`, `KeyContendedError`.
   */
  enqueue(
    type: string,
    payload?: JsonValue,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  // Last, because TypeScript reports the problem of the last overload.
  enqueue<Input>(
    task: EnqueueableTask<Input>,
    payload: NoInfer<Input>,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  /**
   * Enqueues many jobs, all or none: by type name, or by task with `jobOf`. Results are in the order of `jobs`. More
   * than 10,000 jobs, and the jobs of an iterable, are read and written 10,000 at a time in one transaction: memory
   * stays bounded. Throws `InvalidJobError`, which names up to ten bad jobs by index and field, and what `enqueue`
   * throws. If it throws, nothing was written.
   */
  enqueueMany(
    jobs: Iterable<NewJob | TaskJob> | AsyncIterable<NewJob | TaskJob>,
    options?: InTransaction,
  ): Promise<EnqueueResult[]>;
}

/** The fields of the options of `enqueue`. */
const OPTION_FIELDS: readonly string[] = ["tx", ...ENQUEUE_FIELDS];

/** The producer on a database. */
export function createProducer(db: Queryable): Producer {
  const insertOne = createEnqueue(db);
  const enqueue = async (
    target: string | EnqueueableTask<unknown>,
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
      target: string | EnqueueableTask<unknown>,
      payload?: unknown,
      options: EnqueueOptions & InTransaction = {},
    ) => enqueue(target, payload, options),
    enqueueMany: async (jobs, options = {}) =>
      enqueueMany({ own: db, tx: checkInTransaction(options).tx }, jobs),
  };
}

async function insertInTransaction(tx: Queryable, insert: IdentifiedInsert): Promise<EnqueueResult> {
  const [result] = await inTurn(tx, () => insertAll(executorOf(tx), [insert], { commitsAtOnce: false }));
  return result ?? { id: insert.id, outcome: "enqueued" };
}
