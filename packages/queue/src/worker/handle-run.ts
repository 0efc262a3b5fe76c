import type { Executor } from "@millrace/base";
import { isPrompt } from "../job/is-prompt.ts";
import type { ClaimedJob } from "../job/job.ts";
import { isSuspect } from "../job/suspect.ts";
import type { BegunRun, Telemetry } from "../job/telemetry.ts";
import { traceOf } from "../job/trace-context.ts";
import { beginRun } from "../run/begin-run.sql.ts";
import type { Outcome } from "../run/decide-outcome.ts";
import type { Run } from "../run/run.ts";
import { type RunJobOptions, runJob } from "../run/run-job.ts";
import { tracedEvent, type WorkerEvent } from "./worker-event.ts";

/** The options of `handleRun`. */
export interface HandleRunOptions extends RunJobOptions {
  db: Executor;
  workerId: string;
  /** Null: nobody is told of runs. */
  telemetry: Telemetry | null;
  onEvent(event: WorkerEvent): void;
  /** Called before a handler begins, with how long its job was due; absent if nobody observes. */
  onWaited?: ((job: ClaimedJob, waitMs: number) => void) | undefined;
  /** It could not be recorded that a suspect begins. */
  onError(error: unknown): void;
}

/**
 * Runs the handler of a claimed job, and decides what to write about the run. Rejects or throws only if `onEvent`
 * throws.
 */
export function handleRun(run: Run, options: HandleRunOptions): Promise<Outcome> {
  return isSuspect(run.job) ? handleSuspect(run, options) : runHandler(run, options);
}

/** Records that a suspect begins: from then on, a crash is charged to it. A suspect that may not begin is released. */
async function handleSuspect(run: Run, options: HandleRunOptions): Promise<Outcome> {
  try {
    if (await beginRun(options.db, run.job)) return await runHandler(run, options);
  } catch (error) {
    options.onError(error);
  }
  return { kind: "release" };
}

function runHandler(run: Run, options: HandleRunOptions): Promise<Outcome> {
  const { telemetry, workerId, onEvent } = options;
  options.onWaited?.(run.job, run.waitMs(options.clock.now()));
  if (telemetry === null) {
    onEvent({ kind: "job-started", job: run.job });
    return runJob(run, options);
  }
  return telemetry.run(begunRun(run, workerId), (traceIds) => {
    run.traceIds = traceIds;
    onEvent(tracedEvent({ kind: "job-started", job: run.job }, run));
    return runJob(run, options);
  });
}

function begunRun(run: Run, workerId: string): BegunRun {
  const { job, settings } = run;
  const trace = traceOf(settings);
  const mayBePrompt = trace !== null && settings?.traceLinkOnly === undefined;
  return { job, workerId, trace, isPrompt: mayBePrompt && isPrompt(job, run.claimedAfterMs) };
}
