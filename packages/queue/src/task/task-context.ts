import type { Queryable } from "@millrace/base";
import type { EnqueueResult } from "../enqueue/enqueue-result.ts";
import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import type { EnqueueOptions } from "../enqueue/new-job.ts";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";

/** Where a handler's lines go: any logger of this shape, as pino's. An error may stand for the fields. */
export interface TaskLogger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  /** A logger with these fields in every line. Where it is absent they are added to each line's own. */
  child?(fields: Record<string, unknown>): TaskLogger;
}

/** What a handler is given besides its payload. Its lease is renewed without its doing. */
export interface TaskContext {
  readonly job: ClaimedJob;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * Aborted when the lease is lost (`LeaseLostError`), the job is canceled (`JobCanceledError`), its time is over
   * (`JobTimeoutError`), or the worker stops (`WorkerStoppingError`). A handler that has not ended 5 s later loses its
   * slot, and whatever it still writes about its job is refused.
   */
  readonly signal: AbortSignal;
  /** The worker's logger, with job id, type, queue and attempt in every line. */
  readonly logger: TaskLogger;
  /**
   * Tells how far the job is: any JSON of up to 16 KiB, for people and other processes to read. The last value stays.
   * Values set at the same moment by many handlers share a statement. Throws `LeaseLostError` when the lease was lost,
   * `InvalidResultError` for what cannot be stored. After `completeInTx` it writes nothing, and neither while a
   * transaction keeps the job's row locked for more than 2 s, or until the run is aborted: it is lost then, as one
   * that a newer value follows is. Told without a pause it waits up to 0.2 s now and then, for the lease to be
   * renewed.
   */
  progress(value: JsonValue): Promise<void>;
  /**
   * Makes the lease hold for at least `ms` from now by the database's clock, 5,000 to 3,600,000: for work that keeps
   * the process from renewing it. Throws `LeaseLostError`, `InvalidOptionError`, and `JobLockedError` when a
   * transaction keeps the job's row locked for more than 2 s, or until the run is aborted.
   */
  extend(ms: number): Promise<void>;
  /** Enqueues another job; see `Producer.enqueue`. Not part of this job: it stays when the handler fails. */
  enqueue(
    type: string,
    payload?: JsonValue,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  // Last, because TypeScript tells of the last overload what is wrong.
  enqueue<Input>(
    task: EnqueueableTask<Input>,
    payload: NoInfer<Input>,
    options?: EnqueueOptions & InTransaction,
  ): Promise<EnqueueResult>;
  /**
   * Completes the job in the handler's own transaction, a Drizzle one or a pg client in one, so that its effect there
   * and its end are one commit: it happens exactly once, however often the job runs. Call it last in the transaction;
   * its row is locked from here to the commit. `output` as a returned one. Once it is committed, neither what the
   * handler returns nor what it throws changes anything. Throws `LeaseLostError`, which must leave the transaction so
   * that it rolls back, `InvalidResultError`, `InvalidOptionError` for a pool or database in place of a transaction,
   * and
   * `TransactionIsolationError`, which fails the job, for one that is REPEATABLE READ or SERIALIZABLE.
   */
  completeInTx(tx: Queryable, output?: JsonValue): Promise<void>;
}
