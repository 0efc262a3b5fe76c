import { QueueError } from "./errors.ts";

/**
 * `completeInTx` was called in a transaction that is stricter than READ COMMITTED; nothing was changed. Such a
 * transaction cannot write a row that a renewal has changed since it began. Never retried: the next run would say the
 * same.
 */
export class TransactionIsolationError extends QueueError {
  readonly code = "TRANSACTION_ISOLATION";
  readonly jobId: string;
  readonly isolation: string;
  readonly retryable = false;
  constructor(jobId: string, isolation: string) {
    super(
      `Job ${jobId} cannot be completed in a transaction that is ${isolation.toUpperCase()}: PostgreSQL refuses it as soon as the job's lease is renewed. Begin the transaction with READ COMMITTED.`,
    );
    this.jobId = jobId;
    this.isolation = isolation;
  }
}
