import type { ClaimedJob } from "./job.ts";
import type { TraceContext, TraceIds } from "./trace-context.ts";

/**
 * Tells a tracing library of enqueues, runs and ticks. `openTelemetry` of `@millrace/queue/opentelemetry` makes it, for
 * `createQueue`, `createWorker`, `createScheduler`, `createSchedules` and `createApi`. Without this option, nothing is
 * told, and nothing is done.
 *
 * No method of it makes an enqueue or a run fail.
 */
export interface Telemetry {
  /** Runs the write of an enqueue. Resolves and rejects as the write does. */
  enqueue<Result>(send: Send, write: (trace: TraceContext | null) => Promise<Result>): Promise<Result>;
  /** Runs a handler. `work` gets the ids of the run's span, and null if the span has no valid ids. */
  run<Outcome extends EndedRun>(
    run: BegunRun,
    work: (ids: TraceIds | null) => Promise<Outcome>,
  ): Promise<Outcome>;
  /** Begins to tell of a tick that makes a job; null if nobody listens. */
  tick(tick: FiredTick): TickTrace | null;
}

/** One call of `enqueue` or `enqueueMany`, whose jobs become known as the call goes on. */
export interface Send {
  /** The job of an `enqueue`. Null for `enqueueMany`, which adds its jobs to `sent`. */
  readonly job: SentJob | null;
  /** The jobs by queue and type. The keys mean nothing else. */
  readonly sent: Map<string, SentJobs>;
  /** What became of the job of an `enqueue`; absent until the write has been answered. */
  result?: { id: string; outcome: string };
}

/** A job that is enqueued. */
export interface SentJob {
  queue: string;
  type: string;
  /** The trace context that the caller gave; null if the caller gave none. */
  trace: TraceContext | null;
}

/** Jobs of one queue and type. */
export interface SentJobs {
  queue: string;
  type: string;
  count: number;
}

/** A run whose handler begins. */
export interface BegunRun {
  job: ClaimedJob;
  workerId: string;
  /** The trace context that the job was enqueued with; null without one. */
  trace: TraceContext | null;
  /** Whether this is the first attempt, and the job was claimed soon after its enqueue. */
  isPrompt: boolean;
}

/** How a run ended: what will be written about it. */
export interface EndedRun {
  kind: string;
  /** The text of the error with which the attempt failed. */
  error?: string;
  /** What will be written if the handler's own transaction did not complete the job. */
  otherwise?: EndedRun;
}

/** A tick of a schedule that makes a job. */
export interface FiredTick {
  scheduleId: string;
  scheduleName: string;
  tickAt: Date;
  queue: string;
  type: string;
}

/** The span of a tick. */
export interface TickTrace {
  /** The trace context of the tick's job. */
  readonly trace: TraceContext | null;
  /** The job is committed, or `error` says why it is not. */
  end(jobId: string | null, error?: unknown): void;
}
