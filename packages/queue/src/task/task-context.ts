import type { Queryable } from "@millrace/base";
import type { Producer } from "../enqueue/producer.ts";
import type { JobDetails } from "../job/claim-details.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";

/** A logger for handlers, such as pino. `fields` may be an error. */
export interface TaskLogger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  /**
   * Returns a logger with these fields in every line. If `child` is absent, the worker adds the fields to each line.
   */
  child?(fields: Record<string, unknown>): TaskLogger;
}

/** What a handler gets besides its payload. The worker renews the lease while the handler runs. */
export interface TaskContext {
  readonly job: ClaimedJob;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** When the job was created and due, its priority, key, tags, metadata, schedule, tick, last error and progress. */
  readonly details: JobDetails;
  /**
   * Aborted when the run must end. `signal.reason` says why:
   * - `LeaseLostError`: the lease was lost.
   * - `JobCanceledError`: somebody asked to cancel the job. If the cancel is undone, the job runs again.
   * - `JobTimeoutError`: the run took longer than `timeoutMs`.
   * - `WorkerStoppingError`: the worker stops.
   *
   * A handler that returns has done its work: its job is completed, unless the lease was lost. A handler that stops
   * early must throw, for example `signal.reason`.
   *
   * If the handler has not ended 5 s later, the worker gives its slot to another run. Later writes of the handler about
   * its job are refused.
   */
  readonly signal: AbortSignal;
  /** The worker's logger, with job id, type, queue and attempt in every line. */
  readonly logger: TaskLogger;
  /**
   * Sets the job's progress: any JSON value of up to 16 KiB, for people and other processes to read. The last value
   * stays. Values of many handlers share a statement. Throws `LeaseLostError` (`LEASE_LOST`), and `InvalidResultError`
   * (`INVALID_RESULT`) for a value that cannot be stored.
   *
   * A value may be dropped:
   * - after `completeInTx`;
   * - when a newer value comes before the write;
   * - when another transaction keeps the row locked for more than 2 s, or the run is aborted while the row is locked.
   *
   * A handler that sets progress without a pause sometimes waits up to 0.2 s, so that its lease can be renewed.
   *
   * @example
   * await context.progress({ pages: 3, of: 10 });
   */
  progress(value: JsonValue): Promise<void>;
  /**
   * Extends the lease to at least `ms` from now by the database's clock, 5,000 to 3,600,000. Use `extend` before work
   * that keeps the process from renewing the lease.
   *
   * Throws `LeaseLostError` (`LEASE_LOST`), `InvalidOptionError` (`INVALID_OPTION`), and `JobLockedError`
   * (`JOB_LOCKED`) when another transaction keeps the row locked for more than 2 s, or until the run is aborted.
   */
  extend(ms: number): Promise<void>;
  /**
   * Enqueues another job; see `Producer.enqueue`. The new job stays even if this handler fails, unless `tx` was given
   * and rolled back.
   */
  readonly enqueue: Producer["enqueue"];
  /**
   * Completes the job in the handler's own transaction: a Drizzle transaction, or a pg client that sent BEGIN.
   * - The handler's writes in `tx` and the end of the job commit together. So these writes happen exactly once, however
   *   often the job runs.
   * - Call `completeInTx` last in the transaction, because it locks the job's row until the commit.
   * - `output` is JSON of up to 64 KiB.
   * - After the commit, the handler's result or error changes nothing.
   *
   * Throws:
   * - `LeaseLostError` (`LEASE_LOST`): let this error roll the transaction back.
   * - `InvalidResultError` (`INVALID_RESULT`): `output` cannot be stored.
   * - `InvalidOptionError` (`INVALID_OPTION`): `tx` is a pool or a database.
   * - `TransactionIsolationError` (`TRANSACTION_ISOLATION`): `tx` is REPEATABLE READ or SERIALIZABLE. The job fails.
   *
   * @example
   * await db.transaction(async (tx) => {
   *   await tx.update(orders).set({ paid: true }).where(eq(orders.id, payload.orderId));
   *   await context.completeInTx(tx);
   * });
   */
  completeInTx(tx: Queryable, output?: JsonValue): Promise<void>;
}
