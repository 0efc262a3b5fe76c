import { JobCanceledError, LeaseLostError, RetryLater, WorkerStoppingError } from "../errors.ts";
import { type Backoff, backoffMs, withJitter } from "./backoff.ts";
import { errorText } from "./error-text.ts";
import type { ClaimedJob } from "./job.ts";

/** How one run of a handler ended. */
export type RunEnd = { kind: "returned"; value: unknown } | { kind: "threw"; error: unknown };

/** What is to be written about a run. */
export type Outcome =
  | { kind: "complete" }
  | { kind: "retry"; error: string; retryInMs: number }
  | { kind: "fail"; error: string }
  | { kind: "cancel"; error: string }
  | { kind: "release" }
  | { kind: "lost" };

/** What the decision rests on besides how the run ended. */
export interface RunFacts {
  job: ClaimedJob;
  backoff: Backoff;
  /** Why the run's signal was aborted, or undefined. */
  abortReason: unknown;
  /** Yields numbers in [0, 1). */
  random: () => number;
}

/** Decides what to write about a run. A handler that returns has done its work, whatever its signal said. */
export function decideOutcome(end: RunEnd, facts: RunFacts): Outcome {
  if (facts.abortReason instanceof LeaseLostError) return { kind: "lost" };
  if (end.kind === "returned") return { kind: "complete" };
  if (facts.abortReason instanceof WorkerStoppingError) return { kind: "release" };
  const error = errorText(end.error);
  if (facts.abortReason instanceof JobCanceledError) return { kind: "cancel", error };
  if (!isRetryable(end.error)) return { kind: "fail", error };
  if (facts.job.attempt >= facts.job.maxAttempts) return { kind: "fail", error };
  return { kind: "retry", error, retryInMs: retryDelayMs(end.error, facts) };
}

function retryDelayMs(error: unknown, { job, backoff, random }: RunFacts): number {
  if (error instanceof RetryLater) return Math.max(0, Math.floor(error.delayMs));
  return withJitter(backoffMs(job.attempt, backoff), backoff.jitterMs, random);
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof Error && "retryable" in error && error.retryable === false);
}
