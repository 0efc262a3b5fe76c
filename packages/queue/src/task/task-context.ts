import type { Queryable } from "@millrace/base";
import type { Producer } from "../enqueue/producer.ts";
import type { JobDetails } from "../job/claim-details.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";

/** Where a handler's lines go: any logger of this shape, such as pino. An error may be given in place of the fields. */
export interface TaskLogger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  /** A logger with these fields in every line. If it is absent, they are added to the fields of each line. */
  child?(fields: Record<string, unknown>): TaskLogger;
}

/** What a handler gets besides its payload. The worker renews the lease; the handler need not. */
export interface TaskContext {
  readonly job: ClaimedJob;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** When the job was created and due, its priority, key, tags, metadata, schedule and tick, last error and progress. */
  readonly details: JobDetails;
  /**
   * Aborted when the lease is lost (`LeaseLostError`), the job is canceled (`JobCanceledError`), its time is over
   * (`JobTimeoutError`), or the worker stops (`WorkerStoppingError`). A handler that has not ended 5 s later loses its
   * slot, and its further writes about its job are refused.
   */
  readonly signal: AbortSignal;
  /** The worker's logger, with job id, type, queue and attempt in every line. */
  readonly logger: TaskLogger;
  /**
   * Sets how far the job is: any JSON of up to 16 KiB, for people and other processes to read. The last value stays.
   * Values set at the same moment by many handlers share a statement. Throws `LeaseLostError` when the lease was lost,
   * and `InvalidResultError` for a value that cannot be stored.
   *
   * A value is dropped after `completeInTx`, if a newer value comes before it is written, if the row stays locked for
   * more than 2 s, or if the run is aborted while the row is locked. A handler that sets progress without a pause
   * sometimes waits up to 0.2 s, so that its lease can be renewed.
   */
  progress(value: JsonValue): Promise<void>;
  /**
   * Makes the lease hold for at least `ms` from now by the database's clock, 5,000 to 3,600,000: for work that keeps
   * the process from renewing the lease. Throws `LeaseLostError`, `InvalidOptionError`, and `JobLockedError` when a
   * transaction keeps the job's row locked for more than 2 s, or until the run is aborted.
   */
  extend(ms: number): Promise<void>;
  /**
   * Enqueues another job; see `Producer.enqueue`. The enqueue is not part of this job: the new job stays when the
   * handler fails.
   */
  readonly enqueue: Producer["enqueue"];
  /**
   * Completes the job in the handler's own transaction: a Drizzle transaction, or a pg client in one. The handler's
   * writes there and the end of the job are one commit: the writes happen exactly once, however often the job runs.
   * Call this last in the transaction: the job's row is locked from here to the commit. `output` has the limits of a
   * returned value. After the commit, the handler's result or error changes nothing.
   *
   * Throws `LeaseLostError`, which must leave the transaction so that it rolls back; `InvalidResultError`;
   * `InvalidOptionError` for a pool or database in place of a transaction; and `TransactionIsolationError`, which fails
   * the job, for a transaction that is REPEATABLE READ or SERIALIZABLE.
   */
  completeInTx(tx: Queryable, output?: JsonValue): Promise<void>;
}
