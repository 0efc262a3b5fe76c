import type { ClaimedJob } from "../job/job.ts";
import type { TraceIds } from "../job/trace-context.ts";
import type { RecoverResult } from "../lease/recover-jobs.sql.ts";
import type { SettledOutcome } from "../run/decide-outcome.ts";
import type { Run } from "../run/run.ts";

/**
 * What a worker reports, for logs, metrics and tests. Durations and delays are in ms. With `telemetry`, an event about
 * a run has the ids of the run's span.
 *
 * - A run whose handler begins reports `job-started`, and at its end one other event that has its `job`. If its outcome
 *   could not be written, an `error` event during `settle` comes instead.
 * - A run that is released before its handler begins reports nothing, or only `job-released`.
 * - `lease-lost`: another worker may run the job. The outcome of this run was not written.
 * - `recovered`: this worker took back runs whose lease ran out, of any worker. `failed` names the jobs that crashed
 *   too often: no worker reports `job-failed` for them, and no `onJobFailed` is called.
 *
 * @example
 * const onEvent = (event: WorkerEvent) => {
 *   if (event.kind === "job-failed") console.error(`job ${event.job.id} failed: ${event.error}`);
 * };
 */
export type WorkerEvent =
  | { kind: "started"; workerId: string; queues: readonly string[]; concurrency: number }
  | { kind: "stopping"; workerId: string; running: number }
  | { kind: "stopped"; workerId: string }
  | { kind: "paused"; workerId: string }
  | { kind: "resumed"; workerId: string }
  | { kind: "changed"; workerId: string; queues: readonly string[]; concurrency: number }
  | { kind: "job-started"; job: ClaimedJob; traceIds?: TraceIds }
  | { kind: "job-completed"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number }
  | {
      kind: "job-retried";
      job: ClaimedJob;
      traceIds?: TraceIds;
      durationMs: number;
      error: string;
      retryInMs: number;
    }
  | { kind: "job-failed"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number; error: string }
  | { kind: "job-canceled"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number; error: string }
  | { kind: "job-snoozed"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number; delayMs: number }
  | { kind: "job-released"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number }
  | { kind: "lease-lost"; job: ClaimedJob; traceIds?: TraceIds; durationMs: number }
  | ({ kind: "recovered" } & Omit<RecoverResult, "expired">)
  /** This worker canceled jobs that did not start by their `startBy`, of any queue. */
  | { kind: "expired"; ids: readonly string[] }
  /** This worker deleted so many ended jobs at their ages. */
  | { kind: "pruned"; deleted: number }
  /**
   * Due jobs of these types wait in a queue, and no living worker of the queue has a task for them. `jobs` is how many
   * such jobs were read: at most the first 1,000 of each of 20 priorities. Reported when the types change.
   */
  | { kind: "no-task"; queue: string; types: readonly string[]; jobs: number }
  /**
   * The worker itself failed to do something; `during` says what. It tries again, unless it stops. Only `hook` and
   * `observe` are not tried again: `onJobFailed` threw, or a function of the observer did.
   */
  | {
      kind: "error";
      during:
        | "begin"
        | "claim"
        | "hook"
        | "listen"
        | "no-task"
        | "observe"
        | "presence"
        | "prune"
        | "recover"
        | "release"
        | "renew"
        | "settle";
      error: unknown;
    };

/** The event for a written outcome of a run. */
export function settledEvent(job: ClaimedJob, outcome: SettledOutcome, durationMs: number): WorkerEvent {
  switch (outcome.kind) {
    case "complete":
      return { kind: "job-completed", job, durationMs };
    case "retry":
      return { kind: "job-retried", job, durationMs, error: outcome.error, retryInMs: outcome.retryInMs };
    case "fail":
      return { kind: "job-failed", job, durationMs, error: outcome.error };
    case "cancel":
      return { kind: "job-canceled", job, durationMs, error: outcome.error };
    case "snooze":
      return { kind: "job-snoozed", job, durationMs, delayMs: outcome.delayMs };
    case "release":
      return { kind: "job-released", job, durationMs };
    case "lost":
      return { kind: "lease-lost", job, durationMs };
    default:
      return outcome satisfies never;
  }
}

/** Adds the ids of the run's span to an event about the run. */
export function tracedEvent(event: WorkerEvent, { traceIds }: Run): WorkerEvent {
  return traceIds === null || !("job" in event) ? event : { ...event, traceIds };
}
