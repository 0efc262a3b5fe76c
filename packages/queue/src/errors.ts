import { fieldNames, fieldProblem, InvalidOptionError, MillraceError, shown } from "@millrace/base";

/** Every error of the queue's own. A bad option is an `InvalidOptionError`, which other packages throw as well. */
export abstract class QueueError extends MillraceError {}

/** What is wrong with one of many jobs: its place among them, its field, and why. */
export interface JobProblem {
  index: number;
  /** For instance `jobs[3].type`. */
  field: string;
  message: string;
}

/** A job to enqueue is malformed; nothing was written. */
export class InvalidJobError extends QueueError {
  readonly code = "INVALID_JOB";
  /** Which field is wrong, for instance `payload` or `jobs[3].type`; of several bad jobs, that of the first. */
  readonly field: string;
  /** What is wrong with it. */
  readonly reason: string;
  /** Of many jobs, the first ten that are bad. */
  readonly problems: readonly JobProblem[];
  constructor(field: string, message: string, options?: ErrorOptions & { problems?: readonly JobProblem[] }) {
    super(`Invalid job: \`${field}\` ${message}`, options);
    this.field = field;
    this.reason = message;
    this.problems = options?.problems ?? [];
  }
}

/** The idempotency key of a job that asked for `onDuplicate: "error"` is taken; nothing was written. */
export class DuplicateJobError extends QueueError {
  readonly code = "DUPLICATE_JOB";
  /** The job that has the key. */
  readonly jobId: string;
  readonly idempotencyKey: string;
  constructor(jobId: string, idempotencyKey: string) {
    super(`Job ${jobId} has the idempotency key "${idempotencyKey}" already.`);
    this.jobId = jobId;
    this.idempotencyKey = idempotencyKey;
  }
}

/** Other jobs took and left these idempotency keys faster than an enqueue could follow; trying again may succeed. */
export class KeyContendedError extends QueueError {
  readonly code = "KEY_CONTENDED";
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    super(`Other calls kept taking and freeing these idempotency keys: ${keys.join(", ")}. Enqueue again.`);
    this.keys = keys;
  }
}

/** A payload does not fit its task's schema. Never retried: the payload will not get better. */
export class InvalidPayloadError extends QueueError {
  readonly code = "INVALID_PAYLOAD";
  readonly type: string;
  /** Each with the field that it is about. */
  readonly problems: readonly string[];
  readonly retryable = false;
  constructor(type: string, problems: readonly string[], options?: ErrorOptions) {
    super(`The payload of a "${type}" job does not fit its schema: ${problems.join("; ")}`, options);
    this.type = type;
    this.problems = problems;
  }
}

/** No job has this id. */
export class JobNotFoundError extends QueueError {
  readonly code = "JOB_NOT_FOUND";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`No job has the id ${jobId}. It may have been pruned; list jobs to see what is kept.`);
    this.jobId = jobId;
  }
}

/** The job's state does not allow the command; nothing was changed. */
export class JobStateError extends QueueError {
  readonly code = "JOB_STATE";
  readonly jobId: string;
  readonly state: string;
  constructor(job: { id: string; state: string }, command: string, allowed: readonly string[]) {
    super(
      `Cannot ${command} job ${job.id}: it is ${job.state}, and only ${allowed.join(" or ")} jobs can be.`,
    );
    this.jobId = job.id;
    this.state = job.state;
  }
}

/** The handler's run was ended because another worker may own the job now. */
export class LeaseLostError extends QueueError {
  readonly code = "LEASE_LOST";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`The lease of job ${jobId} was lost; whatever this run still writes about the job is refused.`);
    this.jobId = jobId;
  }
}

/** A write about a running job found its row locked by a transaction that did not end; nothing was changed. */
export class JobLockedError extends QueueError {
  readonly code = "JOB_LOCKED";
  readonly jobId: string;
  constructor(jobId: string) {
    super(
      `A transaction that has not ended keeps the row of job ${jobId} locked. End that transaction first. ` +
        "The handler may have opened it: to cancel the job, to replace it, " +
        "or to enqueue with its key locks the row.",
    );
    this.jobId = jobId;
  }
}

/** The handler's run was ended because the job was asked to be canceled. */
export class JobCanceledError extends QueueError {
  readonly code = "JOB_CANCELED";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`Job ${jobId} was asked to be canceled.`);
    this.jobId = jobId;
  }
}

/** The handler's run was ended because the worker stops; the job is queued again. */
export class WorkerStoppingError extends QueueError {
  readonly code = "WORKER_STOPPING";
  constructor() {
    super("The worker stops and its grace period is over; the job is queued again.");
  }
}

/** The handler ran longer than its task allows; the attempt counts as failed. */
export class JobTimeoutError extends QueueError {
  readonly code = "JOB_TIMEOUT";
  readonly timeoutMs: number;
  constructor(jobId: string, timeoutMs: number) {
    super(`Job ${jobId} ran longer than its time-out of ${timeoutMs} ms.`);
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown by a handler to fail its job now: no further attempt is made. */
export class Fatal extends QueueError {
  readonly code = "FATAL";
  readonly retryable = false;
}

const RETRY_LATER_FIELDS = fieldNames<ErrorOptions & { delayMs: number }>({ cause: true, delayMs: true });

/** A delay that was mistyped would be none, and the handler would be run in a tight loop. */
function delayIn(error: string, delayMs: unknown): number {
  if (typeof delayMs === "number" && !Number.isNaN(delayMs)) return delayMs;
  throw new InvalidOptionError("delayMs", {
    message: `${error}: expected \`delayMs\` to be a number of ms, got ${shown(delayMs)}.`,
  });
}

/** Thrown by a handler to be retried after `delayMs` instead of the usual backoff. The attempt counts. */
export class RetryLater extends QueueError {
  readonly code = "RETRY_LATER";
  readonly delayMs: number;
  constructor(message: string, options: ErrorOptions & { delayMs: number }) {
    const problem = fieldProblem(options, RETRY_LATER_FIELDS);
    if (problem !== null) {
      const option = problem.field ?? "options";
      throw new InvalidOptionError(option, { message: `RetryLater: \`${option}\` ${problem.reason}` });
    }
    super(message, options);
    this.delayMs = delayIn("RetryLater", options.delayMs);
  }
}

/**
 * Thrown by a handler to be run again after `delayMs` without an attempt being used up: what it waits for is not there
 * yet, and nothing failed.
 */
export class Snooze extends QueueError {
  readonly code = "SNOOZE";
  readonly delayMs: number;
  constructor(delayMs: number, message = `The handler asked to be run again in ${delayMs} ms.`) {
    super(message);
    this.delayMs = delayIn("Snooze", delayMs);
  }
}

/** Thrown by a handler to end its job as canceled: what it was to do is no longer wanted. */
export class Cancel extends QueueError {
  readonly code = "CANCEL";
  readonly retryable = false;
}

/** What a handler returned, or set as its progress, cannot be kept. Never retried: another run would say the same. */
export class InvalidResultError extends QueueError {
  readonly code = "INVALID_RESULT";
  readonly jobId: string;
  readonly retryable = false;
  constructor(
    jobId: string,
    what: "output" | "progress",
    { reason, ...options }: ErrorOptions & { reason: string },
  ) {
    super(`The ${what} of job ${jobId} ${reason}`, options);
    this.jobId = jobId;
  }
}

/**
 * The handler completed its job in a transaction that did not commit, and went on as if it had. The attempt counts as
 * failed, because its effect is not there.
 */
export class CompletionRolledBackError extends QueueError {
  readonly code = "COMPLETION_ROLLED_BACK";
  constructor(jobId: string) {
    super(
      `Job ${jobId} was completed in a transaction that was rolled back. ` +
        "Let the error that ended the transaction leave the handler.",
    );
  }
}

/** The thread that renews leases ended by itself; the worker's loop renews them from then on. */
export class RenewalThreadError extends QueueError {
  readonly code = "RENEWAL_THREAD";
}
