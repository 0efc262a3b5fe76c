import { fieldNames, fieldProblem, InvalidOptionError, MillraceError, shown } from "@millrace/base";

/** The base class of the queue's errors. A bad option throws `InvalidOptionError`, which is not a `QueueError`. */
export abstract class QueueError extends MillraceError {}

/** A bad job in a call of `enqueueMany`. */
export interface JobProblem {
  /** The position of the job in the call, from 0. */
  index: number;
  /** The bad field, for instance `jobs[3].type`. */
  field: string;
  /** What is wrong with the field. */
  message: string;
}

/** A job to enqueue, or a change of a job, is malformed; nothing was written. */
export class InvalidJobError extends QueueError {
  readonly code = "INVALID_JOB";
  /** The bad field, for instance `payload` or `jobs[3].type`. If several jobs are bad, a field of the first bad job. */
  readonly field: string;
  /** What is wrong with the field. */
  readonly reason: string;
  /** After `enqueueMany`: the first ten bad jobs. Otherwise empty. */
  readonly problems: readonly JobProblem[];
  constructor(field: string, message: string, options?: ErrorOptions & { problems?: readonly JobProblem[] }) {
    super(`Invalid job: \`${field}\` ${message}`, options);
    this.field = field;
    this.reason = message;
    this.problems = options?.problems ?? [];
  }
}

/**
 * Another job has the idempotency key: of an enqueue with `onDuplicate: "error"`, or of a change. Nothing was written.
 */
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

/**
 * An enqueue gave up after 100 rounds: each time, another transaction had taken or freed one of these idempotency keys
 * first. The same enqueue may succeed later.
 */
export class KeyContendedError extends QueueError {
  readonly code = "KEY_CONTENDED";
  readonly keys: readonly string[];
  constructor(keys: readonly string[]) {
    super(`Other calls kept taking and freeing these idempotency keys: ${keys.join(", ")}. Enqueue again.`);
    this.keys = keys;
  }
}

/**
 * A payload does not fit its task's schema, or is not JSON that can be stored. A job with a payload that does not fit
 * fails without a retry.
 */
export class InvalidPayloadError extends QueueError {
  readonly code = "INVALID_PAYLOAD";
  /** The type of the job; empty for a `JsonText`, which belongs to no job yet. */
  readonly type: string;
  /** The problems as text. Each text begins with the field that has the problem. */
  readonly problems: readonly string[];
  readonly retryable = false;
  constructor(type: string | null, problems: readonly string[], options?: ErrorOptions) {
    const what =
      type === null
        ? "The text cannot be a payload"
        : `The payload of a "${type}" job does not fit its schema`;
    super(`${what}: ${problems.join("; ")}`, options);
    this.type = type ?? "";
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
  /** `allowed` has the states that allow the command, or says in words why this job does not. */
  constructor(
    job: { id: string; state: string },
    command: string,
    allowed: readonly string[] | { because: string },
  ) {
    const because =
      "because" in allowed ? allowed.because : `it is ${job.state}, and only ${anyOf(allowed)} jobs can be.`;
    // `run now` becomes `run job ... now`.
    const [verb, ...rest] = command.split(" ");
    super(`Cannot ${[verb, "job", job.id, ...rest].join(" ")}: ${because}`);
    this.jobId = job.id;
    this.state = job.state;
  }
}

/** Names one of several: `completed, failed or canceled`. */
function anyOf(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]+)$/, " or $1");
}

/**
 * The job waits for the end of another job of its key, and the command would let both run at the same time. Nothing was
 * changed.
 */
export class JobWaitsError extends JobStateError {
  /** The job that must end first. */
  readonly waitsFor: string;
  constructor(job: { id: string; state: string }, command: string, waitsFor: string) {
    const because = `it waits for the end of job ${waitsFor}, which has the same key. Cancel that job, or wait.`;
    super(job, command, { because });
    this.waitsFor = waitsFor;
  }
}

/**
 * A change of a job gave up after 100 rounds: each time, another call had changed the job or taken the key first.
 * Nothing was changed. The same change may succeed later.
 */
export class JobContendedError extends QueueError {
  readonly code = "JOB_CONTENDED";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`Other calls kept changing job ${jobId} first. Change the job again.`);
    this.jobId = jobId;
  }
}

/** The run was ended because its lease was lost: another worker may own the job now. */
export class LeaseLostError extends QueueError {
  readonly code = "LEASE_LOST";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`The lease of job ${jobId} was lost; whatever this run still writes about the job is refused.`);
    this.jobId = jobId;
  }
}

/** A write about a running job gave up, because another transaction keeps the row locked; nothing was changed. */
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

/** The run was aborted because a cancel of the job was requested. If the cancel is undone, the job runs again. */
export class JobCanceledError extends QueueError {
  readonly code = "JOB_CANCELED";
  readonly jobId: string;
  constructor(jobId: string) {
    super(`Job ${jobId} was asked to be canceled.`);
    this.jobId = jobId;
  }
}

/** The run was ended because the worker stops; the job is queued again. */
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

/** A handler throws `Fatal` to fail its job now, without further attempts. */
export class Fatal extends QueueError {
  readonly code = "FATAL";
  readonly retryable = false;
}

const RETRY_LATER_FIELDS = fieldNames<ErrorOptions & { delayMs: number }>({ cause: true, delayMs: true });

/** Checks a delay. Without the check, a mistyped delay would be no delay, and the job would run in a tight loop. */
function delayIn(error: string, delayMs: unknown): number {
  if (typeof delayMs === "number" && !Number.isNaN(delayMs)) return delayMs;
  throw new InvalidOptionError("delayMs", {
    message: `${error}: expected \`delayMs\` to be a number of ms, got ${shown(delayMs)}.`,
  });
}

/**
 * A handler throws `RetryLater` to choose the delay before the next attempt, in ms, in place of the backoff. The
 * attempt counts. The constructor throws `InvalidOptionError` (`INVALID_OPTION`) for a `delayMs` that is not a number.
 *
 * @example
 * if (response.status === 429) throw new RetryLater("The server is busy.", { delayMs: 60_000 });
 */
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
 * A handler throws `Snooze` to run again after `delayMs`, without using up an attempt: something that the job needs is
 * not there yet. The constructor throws `InvalidOptionError` (`INVALID_OPTION`) for a `delayMs` that is not a number.
 *
 * @example
 * if (!report.isReady) throw new Snooze(30_000);
 */
export class Snooze extends QueueError {
  readonly code = "SNOOZE";
  readonly delayMs: number;
  constructor(delayMs: number, message = `The handler asked to be run again in ${delayMs} ms.`) {
    super(message);
    this.delayMs = delayIn("Snooze", delayMs);
  }
}

/** A handler throws `Cancel` to end its job as canceled, because nobody needs the job's work any more. */
export class Cancel extends QueueError {
  readonly code = "CANCEL";
  readonly retryable = false;
}

/**
 * A handler returned a value, or set a progress, that cannot be stored. A job whose handler ends so fails without a
 * retry, because another run would give the same value.
 */
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
 * The handler called `completeInTx`, the transaction was rolled back, and the handler ended without an error. The
 * attempt counts as failed, because its writes were undone.
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

/** A middleware called `next` twice. The handler of the job ran once, and the run ends with this error. */
export class NextCalledTwiceError extends QueueError {
  readonly code = "NEXT_CALLED_TWICE";
  readonly jobId: string;
  constructor(jobId: string) {
    super(
      `A middleware called \`next\` twice for job ${jobId}. Call it once, and keep the promise that it returns.`,
    );
    this.jobId = jobId;
  }
}

/** The thread that renews leases ended unexpectedly. From then on, the worker's main thread renews the leases. */
export class RenewalThreadError extends QueueError {
  readonly code = "RENEWAL_THREAD";
}
