import { executorOf, inTurn, type Queryable } from "@millrace/base";
import { checkInTransaction, checkTransaction, type InTransaction } from "../job/in-transaction-option.ts";
import type { JsonValue } from "../job/job.ts";
import type { Telemetry } from "../job/telemetry.ts";
import { enqueueMany } from "./enqueue-many.ts";
import type { EnqueueObserver } from "./enqueue-observer.ts";
import { createEnqueue, insertFor } from "./enqueue-one.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import type { EnqueueableTask } from "./enqueueable-task.ts";
import type { IdentifiedInsert } from "./insert-jobs.sql.ts";
import { insertAll, refuseDuplicates } from "./insert-with-keys.ts";
import type { TaskJob } from "./job-of.ts";
import type { JsonText } from "./json-text.ts";
import { checkJobFields, ENQUEUE_FIELDS, type EnqueueOptions, type NewJob } from "./new-job.ts";
import { tracedOne } from "./traced.ts";

/** Enqueues jobs. An application that only produces jobs needs no more than this. */
export interface Producer {
  /**
   * Enqueues a job by type name, or by task: a task checks the payload. When the promise resolves, the job is
   * committed; with `tx`, the job commits with that transaction. The job will run at least once.
   *
   * Throws:
   * - `InvalidJobError` (`INVALID_JOB`), `InvalidPayloadError` (`INVALID_PAYLOAD`), `InvalidOptionError` for a bad
   *   `tx`.
   * - `DuplicateJobError` (`DUPLICATE_JOB`): the key is taken, and `onDuplicate` is `error`.
   * - `KeyContendedError` (`KEY_CONTENDED`): other calls kept taking and freeing the key.
   *
   * @example
   * await queue.enqueue("send-receipt", { orderId: 7 }, { delayMs: 60_000 });
   * await queue.enqueue(sendReceipt, { orderId: 8 }, { idempotencyKey: "receipt-8", tx });
   */
  enqueue(
    type: string,
    payload?: JsonValue | JsonText,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  // This overload is the last, because TypeScript reports errors for the last overload.
  /** Enqueues a job by task: the task gives the payload its type, and checks the payload. Throws as by type name. */
  enqueue<Input>(
    task: EnqueueableTask<Input>,
    payload: NoInfer<Input>,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  /**
   * Enqueues many jobs, all or none: by type name, or by task with `jobOf`. Returns the results in the order of `jobs`.
   * - Jobs are written 10,000 at a time, in one transaction.
   * - An iterable is read 10,000 jobs at a time, so that the jobs need little memory.
   *
   * Throws as `enqueue` does, and has written nothing then. `InvalidJobError` names up to ten bad jobs. Throws
   * `InvalidOptionError` if `jobs` needs a transaction, and the queue's database cannot begin one.
   *
   * @example
   * await queue.enqueueMany([
   *   { type: "send-receipt", payload: { orderId: 7 } },
   *   jobOf(sendReceipt, { orderId: 8 }, { priority: 10 }),
   * ]);
   */
  enqueueMany(
    jobs: Iterable<NewJob | TaskJob> | AsyncIterable<NewJob | TaskJob>,
    options?: InTransaction,
  ): Promise<EnqueueResult[]>;
}

/** The names of the options of `enqueue`. */
const OPTION_FIELDS: readonly string[] = ["tx", ...ENQUEUE_FIELDS];

/** Who is told of the enqueues of a producer. */
export interface ProducerOptions {
  telemetry?: Telemetry | undefined;
  observer?: EnqueueObserver | undefined;
}

/** Creates a producer on a database. */
export function createProducer(db: Queryable, { telemetry, observer }: ProducerOptions = {}): Producer {
  const insertOne = createEnqueue(db);
  const insertIn = (tx: Queryable | undefined, insert: IdentifiedInsert) =>
    tx === undefined ? insertOne(insert) : insertInTransaction(tx, insert);
  const enqueue = async (
    target: string | EnqueueableTask<unknown>,
    payload: unknown,
    given: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult> => {
    checkJobFields(given, OPTION_FIELDS);
    const { tx, ...options } = given;
    if (tx !== undefined) checkTransaction(tx);
    const insert = await insertFor(target, { payload, ...options });
    const result = await (telemetry === undefined
      ? insertIn(tx, insert)
      : tracedOne(telemetry, insert, (traced) => insertIn(tx, traced)));
    refuseDuplicates([insert], [result]);
    if (result.outcome === "enqueued") observer?.enqueued?.(insert.queue, 1);
    return result;
  };
  return {
    enqueue: (
      target: string | EnqueueableTask<unknown>,
      payload?: unknown,
      options: EnqueueOptions & InTransaction = {},
    ) => enqueue(target, payload, options),
    enqueueMany: async (jobs, options = {}) =>
      enqueueMany({ own: db, tx: checkInTransaction(options).tx, telemetry, observer }, jobs),
  };
}

async function insertInTransaction(tx: Queryable, insert: IdentifiedInsert): Promise<EnqueueResult> {
  const [result] = await inTurn(tx, () => insertAll(executorOf(tx), [insert], { commitsAtOnce: false }));
  return result ?? { id: insert.id, outcome: "enqueued" };
}
