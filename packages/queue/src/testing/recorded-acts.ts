import { executorOf, type Queryable } from "@millrace/base";
import type { JobSettings } from "@millrace/schema/values";
import { insertFor } from "../enqueue/enqueue-one.ts";
import type { EnqueueResult } from "../enqueue/enqueue-result.ts";
import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import type { IdentifiedInsert } from "../enqueue/insert-jobs.sql.ts";
import type { EnqueueOptions } from "../enqueue/new-job.ts";
import { checkJobFields, ENQUEUE_FIELDS } from "../enqueue/new-job.ts";
import { createProducer, type Producer } from "../enqueue/producer.ts";
import type { ExtendResult } from "../job/extend-result.ts";
import { checkTransaction, type InTransaction } from "../job/in-transaction-option.ts";
import type { Completion, JsonValue, Lease } from "../job/job.ts";
import type { HandlersWrites } from "../run/handler-writer.ts";
import { RunTaskError } from "./run-task-error.ts";
import type { HandlersJob } from "./task-run.ts";
import { transactionId } from "./transaction-end.sql.ts";

/** A completion that a handler sent in a transaction of its own. */
export interface SentCompletion {
  transactionId: string;
  /** JSON text, or null for none. */
  output: string | null;
}

/** Stands where a worker writes what a handler does about its job, and records what would be written. */
export class RecordedActs implements HandlersWrites {
  readonly progress: JsonValue[] = [];
  readonly extendedMs: number[] = [];
  readonly enqueued: HandlersJob[] = [];
  /** The last completion that the handler sent; undefined if it sent none. */
  completion: SentCompletion | undefined;
  /** Why the run's end cannot be known; undefined if it can. */
  failure: RunTaskError | undefined;
  readonly #db: Queryable | undefined;
  readonly #producer: Producer | undefined;

  constructor(db: Queryable | undefined) {
    this.#db = db;
    this.#producer = db === undefined ? undefined : createProducer(db);
  }

  async extend(_leases: readonly Lease[], leaseSeconds: number): Promise<ExtendResult> {
    this.extendedMs.push(leaseSeconds * 1_000);
    return { refused: [], locked: [], cancelRequested: [] };
  }

  async complete([completion]: readonly Completion[], { tx }: InTransaction): Promise<Lease[]> {
    if (this.#db === undefined || tx === undefined) {
      const message =
        "The handler called `completeInTx`, and `runTask` has no database to ask whether the transaction was " +
        "committed. Give `runTask` the option `db`.";
      this.failure = new RunTaskError("COMPLETION_NEEDS_DATABASE", message);
      throw this.failure;
    }
    this.completion = {
      transactionId: await transactionId(executorOf(tx)),
      output: completion?.output ?? null,
    };
    return [];
  }

  async setProgress({ progress }: { progress: string }): Promise<"written"> {
    this.progress.push(JSON.parse(progress) as JsonValue);
    return "written";
  }

  /** Checks an enqueue as the queue does, and enqueues for real if there is a database. */
  readonly enqueue: Producer["enqueue"] = async (
    target: string | EnqueueableTask<unknown>,
    payload?: unknown,
    given: EnqueueOptions & InTransaction = {},
  ): Promise<EnqueueResult> => {
    checkJobFields(given, ["tx", ...ENQUEUE_FIELDS]);
    const { tx, ...options } = given;
    if (tx !== undefined) checkTransaction(tx);
    const insert = await insertFor(target, { payload, ...options });
    const result = await this.#enqueued(insert, [target, payload, given]);
    this.enqueued.push(handlersJob(insert, result));
    return result;
  };

  async #enqueued(insert: IdentifiedInsert, given: readonly unknown[]): Promise<EnqueueResult> {
    if (this.#producer === undefined) return { id: insert.id, outcome: "enqueued" };
    // The cast is safe: both overloads of `enqueue` take these arguments.
    return (this.#producer.enqueue as (...args: readonly unknown[]) => Promise<EnqueueResult>)(...given);
  }
}

function handlersJob(insert: IdentifiedInsert, { id, outcome }: EnqueueResult): HandlersJob {
  // The boundary: `insertFor` wrote the settings and the payload as JSON.
  const settings = (insert.settings === null ? {} : JSON.parse(insert.settings)) as JobSettings;
  return {
    id,
    outcome,
    type: insert.type,
    payload: JSON.parse(insert.payload) as JsonValue,
    queue: insert.queue,
    priority: insert.priority,
    runAt: insert.runAt === null ? null : new Date(insert.runAt),
    delayMs: insert.delayMs,
    maxAttempts: insert.maxAttempts,
    idempotencyKey: insert.idempotencyKey,
    tags: settings.tags ?? [],
    metadata: (settings.metadata ?? {}) as Record<string, JsonValue>,
  };
}
