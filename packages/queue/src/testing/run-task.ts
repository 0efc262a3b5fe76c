import { type Clock, executorOf, type Queryable, systemClock } from "@millrace/base";
import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import { JsonText } from "../enqueue/json-text.ts";
import { JobCanceledError, JobTimeoutError, LeaseLostError, WorkerStoppingError } from "../errors.ts";
import type { JsonValue } from "../job/job.ts";
import { createContext } from "../run/create-context.ts";
import type { Outcome, SettledOutcome } from "../run/decide-outcome.ts";
import { Run } from "../run/run.ts";
import { runJob } from "../run/run-job.ts";
import type { AnyTask, Task } from "../task/define-task.ts";
import type { Middleware } from "../task/middleware.ts";
import type { TaskLogger } from "../task/task-context.ts";
import { RecordedActs, type SentCompletion } from "./recorded-acts.ts";
import { RunTaskError } from "./run-task-error.ts";
import { checkRunTaskOptions, detailsOfRun, jobOfRun, type RunTaskOptions } from "./run-task-options.ts";
import type { HandlersJob, RunResult, TaskRun } from "./task-run.ts";
import { transactionEnd } from "./transaction-end.sql.ts";

const SILENT: TaskLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** Without jitter a backoff is the same at each run, so that a test can name it. */
const WITHOUT_JITTER: Clock = { ...systemClock, random: () => 0 };

/**
 * Runs the handler of a task once, as a worker would, and returns how the run ended and what the handler did. The job
 * itself is in no database.
 *
 * - The payload is checked as `enqueue` checks it, and goes through JSON, as a stored payload does. A `JsonText` is
 *   taken as an older release or a program in SQL may have stored it: for tests of upcasters.
 * - The end of the run is decided by the worker's own code: `Fatal`, `RetryLater`, `Snooze`, `Cancel`, backoff,
 *   attempts, time-out, and the limits of an output.
 *
 * Throws `InvalidPayloadError` (`INVALID_PAYLOAD`) for a payload that `enqueue` refuses, `InvalidOptionError`
 * (`INVALID_OPTION`), and `RunTaskError` if `completeInTx` leaves the end unknown. An error of the handler is not
 * thrown: it is the run's `thrown`.
 *
 * @example
 * const run = await runTask(sendReceipt, { orderId: 7 }, { attempt: 3 });
 * expect(run).toMatchObject({ outcome: "retried", delayMs: 20_000 });
 */
export async function runTask<Input>(
  task: Task<Input>,
  payload: NoInfer<Input> | JsonText,
  options: RunTaskOptions = {},
): Promise<TaskRun> {
  checkRunTaskOptions(options);
  const text = payload instanceof JsonText ? payload.text : await task.encode(payload);
  const job = jobOfRun(task, JSON.parse(text) as JsonValue, options);
  const run = new Run(job, 0, 0, 1, {
    of: () => detailsOfRun(task, options),
    settingsOf: () => options.settings ?? null,
    // Only an observer and telemetry ask, and here there are none.
    waitMs: () => 0,
    claimedAfterMs: () => 0,
  });
  const acts = new RecordedActs(options.db);
  const stopHearing = abortWith(run, options.signal);
  const { outcome, thrown } = await runOnce(run, task, acts, options).finally(stopHearing);
  if (acts.failure !== undefined) throw acts.failure;
  const settled = await settledOutcome(outcome, acts.completion, options.db);
  return {
    ...resultOf(settled, thrown ?? run.abortReason ?? null),
    job,
    progress: acts.progress,
    extendedMs: acts.extendedMs,
    enqueued: acts.enqueued,
    // The cast is safe: the task has checked the payloads of the jobs that were enqueued by it.
    enqueuedOf: <Other>(other: EnqueueableTask<Other>) =>
      acts.enqueued.filter(({ type }) => type === other.name) as unknown as HandlersJob<Other>[],
  };
}

/** Aborts the run when the signal does. Returns how to stop listening. */
function abortWith(run: Run, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const abort = () => run.abort(abortReason(signal.reason, run.job.id));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return () => signal.removeEventListener("abort", abort);
}

function abortReason(reason: unknown, jobId: string): Error {
  for (const kind of [LeaseLostError, JobTimeoutError, WorkerStoppingError, JobCanceledError]) {
    if (reason instanceof kind) return reason;
  }
  return new JobCanceledError(jobId);
}

/** Runs the handler, and keeps what it threw: an outcome has it as text alone. */
async function runOnce(
  run: Run,
  task: AnyTask,
  acts: RecordedActs,
  options: RunTaskOptions,
): Promise<{ outcome: Outcome; thrown: unknown }> {
  let thrown: unknown;
  const keepThrown: Middleware = async (_context, next) => {
    try {
      return await next();
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  const clock = options.clock ?? WITHOUT_JITTER;
  const outcome = await runJob(run, {
    tasks: new Map([[task.name, task]]),
    clock,
    middleware: [keepThrown, ...(options.middleware ?? [])],
    defaults: options.defaults ?? {},
    queueSettings: () => options.queueSettings,
    contextOf: () =>
      createContext(run, {
        producer: acts,
        logger: options.logger ?? SILENT,
        runs: acts,
        clock,
        progress: { submit: (progress) => acts.setProgress(progress) },
        splitOff: async () => {},
      }),
  });
  return { outcome, thrown };
}

/** What would be written, after a look at the transaction in which the handler completed its job. */
async function settledOutcome(
  outcome: Outcome,
  completion: SentCompletion | undefined,
  db: Queryable | undefined,
): Promise<SettledOutcome> {
  if (outcome.kind !== "verify") return outcome;
  if (completion === undefined || db === undefined) return outcome.otherwise;
  const end = await transactionEnd(executorOf(db), completion.transactionId);
  if (end === "committed") return { kind: "complete", output: completion.output };
  if (end !== "in progress") return outcome.otherwise;
  const message =
    "The handler ended, and the transaction in which it called `completeInTx` is still open. Wait for the " +
    "transaction in the handler.";
  throw new RunTaskError("COMPLETION_STILL_OPEN", message);
}

const NOTHING = { output: null, error: null, thrown: null, delayMs: null } as const;

function resultOf(outcome: SettledOutcome, thrown: unknown): RunResult {
  switch (outcome.kind) {
    case "complete": {
      const output = outcome.output === null ? null : (JSON.parse(outcome.output) as JsonValue);
      return { ...NOTHING, outcome: "completed", output };
    }
    case "retry": {
      const { error, retryInMs: delayMs } = outcome;
      return { ...NOTHING, outcome: "retried", error, thrown, delayMs };
    }
    case "fail":
      return { ...NOTHING, outcome: "failed", error: outcome.error, thrown: outcome.thrown };
    case "cancel":
      return { ...NOTHING, outcome: "canceled", error: outcome.error, thrown };
    case "snooze":
      return { ...NOTHING, outcome: "snoozed", thrown, delayMs: outcome.delayMs };
    case "release":
      return { ...NOTHING, outcome: "released", thrown };
    case "lost":
      return { ...NOTHING, outcome: "lost", thrown };
    default:
      return outcome satisfies never;
  }
}
