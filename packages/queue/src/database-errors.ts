import { SCHEMA_NUMBER } from "@millrace/schema/values";
import { QueueError } from "./errors.ts";

/**
 * `completeInTx` was called in a REPEATABLE READ or SERIALIZABLE transaction; nothing was changed. PostgreSQL refuses
 * the write in such a transaction if a lease renewal has changed the claim since the transaction began. The job fails
 * without a retry, because the next run would fail in the same way.
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

/** The outcome of a run that PostgreSQL refused to write. */
export type RefusedOutcome = "complete" | "retry" | "fail" | "cancel" | "snooze" | "release";

/**
 * PostgreSQL refused to write a run's outcome because of a constraint, a trigger or a limit of the server. The job
 * fails without a retry, because the next run would end in the same way. The message and `cause` have PostgreSQL's
 * error.
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
 * Two running workers have the same `workerId`. Their jobs are safe, because lease tokens fence every write. But
 * operators see only one of the workers, and producers may notify more often than needed.
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

/**
 * The database was migrated by a newer release, and workers of this release may not work on it. The worker is paused,
 * and its runs end as they would. Replace the worker by one of the release that migrated the database.
 */
export class SchemaTooNewError extends QueueError {
  readonly code = "SCHEMA_TOO_NEW";
  /** How many migrations a release has at least that may work on this database. */
  readonly leastSchema: number;
  constructor(leastSchema: number) {
    super(
      `The database needs workers of a release with at least ${leastSchema} migrations, and this one has ` +
        `${SCHEMA_NUMBER}: this worker claims no more jobs. Replace it by one of the release that migrated the ` +
        "database.",
    );
    this.leastSchema = leastSchema;
  }
}

/** The database has no millrace schema, or the schema of an older release. Run `migrate`. */
export class SchemaMissingError extends QueueError {
  readonly code = "SCHEMA_MISSING";
  constructor(cause: Error) {
    super(
      `The database lacks the millrace schema of this release (${cause.message}); ` +
        "run `millrace migrate`, or call `migrate(pool)` of @millrace/schema/migrations.",
      { cause },
    );
  }
}
