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
      `Job ${jobId} cannot be completed in a transaction that is ${isolation.toUpperCase()}: ` +
        "PostgreSQL refuses it as soon as the job's lease is renewed. " +
        "Begin the transaction with READ COMMITTED.",
    );
    this.jobId = jobId;
    this.isolation = isolation;
  }
}

/** What of a run PostgreSQL refused to write: the name of its outcome. */
export type RefusedOutcome = "complete" | "retry" | "fail" | "cancel" | "snooze" | "release";

/**
 * PostgreSQL refused a run's outcome because of the data: a constraint or trigger on the tables of jobs, or a limit.
 * Never retried: the next run would end in the same way. The database's own words are in the message and the cause.
 */
export class OutcomeRefusedError extends QueueError {
  readonly code = "OUTCOME_REFUSED";
  readonly jobId: string;
  readonly outcome: RefusedOutcome;
  readonly retryable = false;
  constructor(jobId: string, outcome: RefusedOutcome, cause: Error) {
    const what =
      "Remove the foreign key, constraint or trigger on the tables of jobs that stands in the way.";
    super(`PostgreSQL refused to ${outcome} job ${jobId}: ${cause.message}. ${what}`, { cause });
    this.jobId = jobId;
    this.outcome = outcome;
  }
}

/**
 * Two workers that are both alive were given one `workerId`. Their jobs are safe, because leases have tokens; but
 * operators see one of them, and producers may notify more often than needed.
 */
export class WorkerIdTakenError extends QueueError {
  readonly code = "WORKER_ID_TAKEN";
  readonly workerId: string;
  constructor(workerId: string) {
    super(
      `Another worker that is alive has the id "${workerId}". ` +
        "Give each worker an id of its own, or none: then it makes one.",
    );
    this.workerId = workerId;
  }
}

/** The database has no millrace schema, or that of an older release: a table, column or function is missing. */
export class SchemaMissingError extends QueueError {
  readonly code = "SCHEMA_MISSING";
  constructor(cause: Error) {
    super(
      `The database lacks the millrace schema of this release (${cause.message}); ` +
        "run `millrace migrate`, or call `migrate(pool)` of @millrace/schema.",
      { cause },
    );
  }
}
