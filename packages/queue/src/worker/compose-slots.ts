import type { Executor } from "@millrace/base";
import { createProducer } from "../enqueue/producer.ts";
import { explainingErrors } from "../explain-missing-schema.ts";
import type { ClaimedJob } from "../job/job.ts";
import { splitClaim } from "../lease/split-claim.sql.ts";
import { createRuns } from "../queue-runs.ts";
import { createContext } from "../run/create-context.ts";
import type { Outcome, SettledOutcome } from "../run/decide-outcome.ts";
import { createProgressBatcher } from "../run/progress-batcher.ts";
import type { Run } from "../run/run.ts";
import { Slots } from "../run/slots.ts";
import { completeRuns } from "../settle/complete-runs.ts";
import { Completions } from "../settle/completions.ts";
import { releaseRuns } from "../settle/release-runs.ts";
import { createSettler } from "../settle/settler.ts";
import type { RunCounts } from "../wake/run-counts.ts";
import { type HandleRunOptions, handleRun } from "./handle-run.ts";
import { timedExecutor } from "./timed-executor.ts";
import { enqueueWithAttempts } from "./worker-defaults.ts";
import { settledEvent, tracedEvent, type WorkerEvent } from "./worker-event.ts";
import type { WorkerSettings } from "./worker-options.ts";

const COMPLETED = { kind: "complete", output: null } as const;

/** Makes a function that reports the errors of one kind of work as events. */
export type ErrorsOf = (
  during: Extract<WorkerEvent, { kind: "error" }>["during"],
) => (error: unknown) => void;

/** What the slots of a worker need. */
export interface ComposeSlotsOptions {
  settings: WorkerSettings;
  /** Sends the worker's own statements, and limits how long each may take. */
  db: Executor;
  /** The types whose handlers called `completeInTx` or `extend`: their jobs are claimed one by one. */
  claimedSingly: Set<string>;
  /** Counts what becomes of the runs. */
  counts: RunCounts;
  errorsOf: ErrorsOf;
  /** The settings of a queue, as they were read last. */
  queueSettings: HandleRunOptions["queueSettings"];
  /** Aborted when the worker cannot wait any longer. */
  giveUp: AbortSignal;
  /** A job has ended: the worker may have room for another. */
  onFreed(): void;
}

/** Builds the slots of a worker, with what handles, settles and releases their runs. */
export function composeSlots({
  settings,
  db,
  claimedSingly,
  counts,
  errorsOf,
  queueSettings,
  giveUp,
  onFreed,
}: ComposeSlotsOptions): Slots {
  const { clock, concurrency, onEvent, observer } = settings;
  const writing = timedExecutor(db, { clock, onAnswered: observer.settled?.bind(observer) });
  const settler = createSettler({ db: writing, clock, counts, onRetry: errorsOf("settle") });
  const handling: HandleRunOptions = {
    db,
    clock,
    tasks: settings.tasks,
    middleware: settings.middleware,
    defaults: settings.defaults,
    queueSettings,
    contextOf: contextsOf(settings, { own: db, claimedSingly }),
    workerId: settings.workerId,
    telemetry: settings.telemetry,
    onEvent,
    onWaited: observer.waited?.bind(observer),
    onError: errorsOf("begin"),
  };

  const onSettled = (run: Run, settled: SettledOutcome) => {
    onEvent(tracedEvent(settledEvent(run.job, settled, run.durationMs), run));
    slots.written(run);
    if (settled.kind === "fail") tellOfFailure(run.job, settled.thrown);
  };
  const tellOfFailure = jobFailedHook(settings, errorsOf("hook"));
  async function settleSlowly(run: Run, outcome: Outcome): Promise<void> {
    try {
      onSettled(run, await settler.settle(run, outcome, giveUp));
    } catch (error) {
      // The job is neither lost nor marked as failed: its lease runs out, and recovery takes the job back. Give the run
      // a claim of its own, so that renewals for the other jobs of its claim do not extend its lease.
      errorsOf("settle")(error);
      if (run.claimSize > 1) await splitClaim(db, run.job).catch(errorsOf("settle"));
      slots.written(run);
    }
  }
  const completions = new Completions({
    write: (runs) => completeRuns(writing, runs),
    onCompleted(run) {
      counts.count(run.job.queue, "completed");
      onSettled(run, COMPLETED);
    },
    onUnwritten({ run, output }, why) {
      void settleSlowly(run, settler.afterUnwritten(output, why));
    },
  });
  const slots = new Slots({
    concurrency,
    clock,
    handle: (run) => handleRun(run, handling),
    settle(run, outcome) {
      if (outcome.kind === "complete") completions.add(run, outcome.output);
      else void settleSlowly(run, outcome);
    },
    release: (runs, delayMs) =>
      releaseRuns(runs, { settler, delayMs, signal: giveUp, onError: errorsOf("release") }),
    onFreed,
  });
  return slots;
}

/** Calls the hook `onJobFailed`, if there is one. Its errors are reported, and nobody waits for it. */
function jobFailedHook({ onJobFailed }: WorkerSettings, onError: (error: unknown) => void) {
  return (job: ClaimedJob, error: unknown): void => {
    if (onJobFailed !== null) void new Promise((resolve) => resolve(onJobFailed(job, error))).catch(onError);
  };
}

function contextsOf(
  { db, clock, logger, defaults, telemetry, observer }: WorkerSettings,
  { own, claimedSingly }: { own: Executor; claimedSingly: Set<string> },
): HandleRunOptions["contextOf"] {
  const progress = createProgressBatcher(own);
  // Use the caller's `db`: a handler's write may take as long as the handler.
  const { enqueue } = explainingErrors(createProducer(db, { telemetry: telemetry ?? undefined, observer }));
  const producer = { enqueue: enqueueWithAttempts(enqueue, defaults) };
  const runs = explainingErrors(createRuns(db));
  async function splitOff(run: Run): Promise<void> {
    claimedSingly.add(run.job.type);
    if (run.claimSize > 1) await splitClaim(own, run.job);
  }
  return (run) => createContext(run, { producer, runs, splitOff, clock, logger, progress });
}
