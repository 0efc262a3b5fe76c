import { DELAY_MS_MAX } from "@millrace/schema/values";
import {
  Cancel,
  CompletionRolledBackError,
  JobCanceledError,
  LeaseLostError,
  RetryLater,
  Snooze,
  WorkerStoppingError,
} from "../errors.ts";
import type { ClaimedJob } from "../job/job.ts";
import { type Backoff, backoffMs, withJitter } from "../task/backoff.ts";
import { errorText } from "./error-text.ts";
import { limitedJson, OUTPUT_MAX_BYTES } from "./limited-json.ts";

/** How one run of a handler ended. */
export type RunEnd = { kind: "returned"; value: unknown } | { kind: "threw"; error: unknown };

/** What can be written about a run. */
export type SettledOutcome =
  /** `output` is JSON text, or null for none. */
  | { kind: "complete"; output: string | null }
  | { kind: "retry"; error: string; retryInMs: number }
  /** `thrown` is what the text was made of. It goes to `onJobFailed`, and is not written. */
  | { kind: "fail"; error: string; thrown: unknown }
  /**
   * `requested`: the run was aborted because a cancel of the job was requested, whatever the handler threw then. If the
   * request was withdrawn when this is written, the run is released. Otherwise the handler canceled the job itself.
   */
  | { kind: "cancel"; error: string; requested: boolean }
  | { kind: "snooze"; delayMs: number }
  /** `delayMs`: when the job is due again. Absent: at its old time. */
  | { kind: "release"; delayMs?: number }
  | { kind: "lost" };

/**
 * What to write about a run. `verify`: the handler completed the job in its own transaction. The database knows whether
 * that transaction committed. If not, `otherwise` is written.
 */
export type Outcome = SettledOutcome | { kind: "verify"; otherwise: SettledOutcome };

/** The facts that decide an outcome, besides how the run ended. */
export interface RunFacts {
  job: ClaimedJob;
  /** Asked for only if the job is retried. */
  backoff(): Backoff;
  /** Why the run was aborted; undefined if it was not. */
  abortReason: unknown;
  /** Whether the handler sent a completion by `completeInTx`. */
  hasCompleted: boolean;
  /** Returns numbers in [0, 1). */
  random: () => number;
}

/**
 * Decides what to write about a run, whatever its handler returned or threw. Never throws. If a handler returns, its
 * work counts as done even after an abort, except when the lease is lost.
 */
export function decideOutcome(end: RunEnd, facts: RunFacts): Outcome {
  if (!facts.hasCompleted) return decide(end, facts);
  const rolledBack = { kind: "threw", error: new CompletionRolledBackError(facts.job.id) } as const;
  return { kind: "verify", otherwise: decide(end.kind === "returned" ? rolledBack : end, facts) };
}

function decide(end: RunEnd, facts: RunFacts): SettledOutcome {
  if (facts.abortReason instanceof LeaseLostError) return { kind: "lost" };
  if (end.kind === "returned") return completed(end.value, facts);
  if (facts.abortReason instanceof WorkerStoppingError) return { kind: "release" };
  const error = errorText(end.error);
  if (facts.abortReason instanceof JobCanceledError) return { kind: "cancel", error, requested: true };
  const asked = askedOf(end.error);
  if (asked.kind === "cancel") return { kind: "cancel", error, requested: false };
  if (asked.kind === "snooze") return { kind: "snooze", delayMs: asked.delayMs };
  const failed = { kind: "fail", error, thrown: end.error } as const;
  if (asked.kind === "fail" || facts.job.attempt >= facts.job.maxAttempts) return failed;
  return { kind: "retry", error, retryInMs: asked.delayMs ?? backoffDelayMs(facts) };
}

/** What a thrown value asks for. If `delayMs` of a retry is null, the backoff decides. */
type Asked =
  | { kind: "cancel" }
  | { kind: "fail" }
  | { kind: "snooze"; delayMs: number }
  | { kind: "retry"; delayMs: number | null };

function askedOf(thrown: unknown): Asked {
  try {
    if (thrown instanceof Cancel) return { kind: "cancel" };
    if (thrown instanceof Snooze) return { kind: "snooze", delayMs: wholeMs(thrown.delayMs) };
    if (!isRetryable(thrown)) return { kind: "fail" };
    if (thrown instanceof RetryLater) return { kind: "retry", delayMs: wholeMs(thrown.delayMs) };
  } catch {
    // A revoked proxy cannot be examined, and a getter may throw. Such a value asks for the usual retry.
  }
  return { kind: "retry", delayMs: null };
}

/**
 * The outcome of a handler that returned. An output that cannot be stored fails the job: without an error, nobody would
 * learn why it is missing.
 */
function completed(value: unknown, { job }: RunFacts): SettledOutcome {
  try {
    const output = limitedJson(value, { jobId: job.id, what: "output", maxBytes: OUTPUT_MAX_BYTES });
    return { kind: "complete", output };
  } catch (error) {
    return { kind: "fail", error: errorText(error), thrown: error };
  }
}

function backoffDelayMs({ job, random, ...facts }: RunFacts): number {
  const backoff = facts.backoff();
  return wholeMs(withJitter(backoffMs(job.attempt, backoff), backoff.jitterMs, random));
}

/** A delay that the database can store, whatever the handler asked for: one bad delay would fail a whole batch. */
function wholeMs(ms: unknown): number {
  if (typeof ms !== "number" || Number.isNaN(ms)) return 0;
  return Math.floor(Math.min(Math.max(0, ms), DELAY_MS_MAX));
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof Error && "retryable" in error && error.retryable === false);
}
