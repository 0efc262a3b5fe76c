import type { EnqueueResult } from "../enqueue/enqueue-result.ts";
import type { EnqueueableTask } from "../enqueue/enqueueable-task.ts";
import type { ClaimedJob, JsonValue } from "../job/job.ts";

/** A job that a handler enqueued by `context.enqueue`. `payload` is what is stored, read back from JSON. */
export interface HandlersJob<Payload = JsonValue> {
  id: string;
  /** `enqueued` where `runTask` has no database, because nobody else can have the job's key there. */
  outcome: EnqueueResult["outcome"];
  type: string;
  payload: Payload;
  queue: string;
  /** Jobs with a smaller priority run first. */
  priority: number;
  /** The instant that the enqueue named; null for a job that is due `delayMs` from its enqueue, or at once. */
  runAt: Date | null;
  /** The delay that the enqueue named, in ms; null for none. */
  delayMs: number | null;
  maxAttempts: number;
  idempotencyKey: string | null;
  tags: readonly string[];
  metadata: Readonly<Record<string, JsonValue>>;
}

/** What a handler did, however its run ended. */
export interface HandlersActs {
  /** The job, as the handler got it. */
  readonly job: ClaimedJob;
  /** The values that the handler set by `context.progress`, in their order. */
  readonly progress: readonly JsonValue[];
  /** What the handler gave to `context.extend`, in ms, rounded up to whole seconds. */
  readonly extendedMs: readonly number[];
  /** The jobs that the handler enqueued, in their order. */
  readonly enqueued: readonly HandlersJob[];
  /** The jobs of one task that the handler enqueued, with the payload's type. */
  enqueuedOf<Input>(task: EnqueueableTask<Input>): readonly HandlersJob<Input>[];
}

/** Fields that only some outcomes have. Each outcome replaces those that it has. */
interface NotOfThisOutcome {
  /** What the handler returned, as it would be read back; null for nothing. */
  readonly output: null;
  /** The error as it would be stored, with its stack. */
  readonly error: null;
  /** What the handler or a middleware threw, or why the run was aborted. */
  readonly thrown: null;
  /** When the job would run again, in ms from the end of the run. */
  readonly delayMs: null;
}

/** Completed: the handler returned, or its transaction of `completeInTx` was committed. */
interface CompletedRun extends Omit<NotOfThisOutcome, "output"> {
  readonly outcome: "completed";
  readonly output: JsonValue;
}

/** Another attempt would follow after `delayMs`. */
interface RetriedRun extends Omit<NotOfThisOutcome, "error" | "thrown" | "delayMs"> {
  readonly outcome: "retried";
  readonly error: string;
  readonly thrown: unknown;
  readonly delayMs: number;
}

/** Failed for good, or canceled. A run that a cancel aborted is `canceled`: here nobody undoes the cancel. */
interface EndedRun extends Omit<NotOfThisOutcome, "error" | "thrown"> {
  readonly outcome: "failed" | "canceled";
  readonly error: string;
  readonly thrown: unknown;
}

/** The job would run again after `delayMs`, and the attempt does not count. */
interface SnoozedRun extends Omit<NotOfThisOutcome, "thrown" | "delayMs"> {
  readonly outcome: "snoozed";
  readonly thrown: unknown;
  readonly delayMs: number;
}

/**
 * - `released`: the run was aborted because its worker stops. The job would be queued again.
 * - `lost`: the run was aborted because its lease was lost. Nothing would be written about it.
 */
interface UnwrittenRun extends Omit<NotOfThisOutcome, "thrown"> {
  readonly outcome: "released" | "lost";
  readonly thrown: unknown;
}

/** How a run ended, as the worker's own code decides. */
export type RunResult = CompletedRun | RetriedRun | EndedRun | SnoozedRun | UnwrittenRun;

/** What `runTask` returns: how the run ended, and what its handler did. */
export type TaskRun = RunResult & HandlersActs;
