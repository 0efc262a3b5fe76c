import type { Batcher, Clock, Executor } from "@millrace/base";
import { databaseErrorOf, isDataError, pause } from "@millrace/base";
import { OutcomeRefusedError, type RefusedOutcome } from "../database-errors.ts";
import { JobCanceledError, LeaseLostError } from "../errors.ts";
import { createFencedBatcher, type FencedAnswer } from "../job/fenced-batcher.ts";
import type { ClaimedJob, Completion } from "../job/job.ts";
import type { Outcome, SettledOutcome } from "../run/decide-outcome.ts";
import { ERROR_TEXT_MAX, errorText } from "../run/error-text.ts";
import type { Run } from "../run/run.ts";
import type { CountedOutcome, RunCounts } from "../wake/run-counts.ts";
import { completeJobs } from "./complete-jobs.sql.ts";
import type { WhyNot } from "./completions.ts";
import { failJobs } from "./fail-jobs.sql.ts";
import type { FailResult, Failure, Release } from "./failure-and-release.ts";
import { releaseJobs } from "./release-jobs.sql.ts";
import { runStanding } from "./run-standing.sql.ts";

/** Writes the outcomes of runs. Outcomes that come at the same moment share a statement. */
export interface Settler {
  /**
   * Writes one outcome. Resolves with the outcome that was written, or with `lost`.
   *
   * - While the database is away, the write is tried again.
   * - While a transaction of the handler may still complete the job, the write waits for that transaction to end.
   * - If the database refuses the data of an outcome, the job fails instead.
   *
   * Rejects when a write fails after the run's lease was lost or `signal` was aborted. Rejects with
   * `OutcomeRefusedError` if the database also refuses to fail the job: then nothing is written.
   */
  settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<SettledOutcome>;
  /** The outcome to settle a run with after `Completions` could not write its completion. */
  afterUnwritten(output: string | null, why: WhyNot): Outcome;
}

/** What a settler needs. */
export interface SettlerOptions {
  db: Executor;
  clock: Clock;
  /** Counts the outcomes that were written, and those that were refused. */
  counts: Pick<RunCounts, "count">;
  /** Called for each write that failed and will be tried again. */
  onRetry(error: unknown): void;
}

/** What became of the write of an outcome. The answer about a failed or released run says what became of its job. */
type Answer = FencedAnswer | keyof FailResult;

interface Writers {
  completions: Batcher<Completion, FencedAnswer>;
  /**
   * Completions that were not written at the first try, mostly because their claim was locked. They skip locked claims,
   * and so delay no other completion.
   */
  completionsThatSkip: Batcher<Completion, FencedAnswer>;
  failures: Batcher<Failure, Answer>;
  releases: Batcher<Release, Answer>;
}

/** The most runs in one statement. */
const BATCH_MAX = 1_000;

/** A failed write is tried again after the first wait, in ms. Each further wait is twice as long, up to the last. */
const RETRY_FIRST_MS = 100;
const RETRY_LAST_MS = 5_000;

/** Creates the settler of one worker. */
export function createSettler({ db, clock, counts, onRetry }: SettlerOptions): Settler {
  const writers = createWriters(db);

  /**
   * Tries once to settle a run. Returns null if another transaction has locked the run's claim: the outcome cannot be
   * written yet, or the run's standing is not known yet.
   */
  function settleOnce(
    job: ClaimedJob,
    outcome: Outcome,
    skipsLocked: boolean,
  ): Promise<SettledOutcome | null> {
    if (outcome.kind === "verify") return verify(job, outcome.otherwise);
    return write(writers, job, { outcome, skipsLocked }).then((answer) => {
      if (answer === "locked") return null;
      const counted = countedAs(outcome, answer);
      if (counted !== null) counts.count(job.queue, counted);
      if (answer === "refused") return { kind: "lost" };
      if (answer === "released") return { kind: "release" };
      return answer === "canceled" ? asCanceled(job, outcome) : outcome;
    });
  }

  async function verify(job: ClaimedJob, otherwise: SettledOutcome): Promise<SettledOutcome | null> {
    const stands = await runStanding(db, job);
    switch (stands) {
      case "completed":
        counts.count(job.queue, "completed");
        return { kind: "complete", output: null };
      case "held":
        return settleOnce(job, otherwise, true);
      case "locked":
        return null;
      case "lost":
        counts.count(job.queue, "refused");
        return { kind: "lost" };
      default:
        return stands satisfies never;
    }
  }

  return {
    afterUnwritten(output, why) {
      const outcome = { kind: "complete", output } as const;
      if (why.kind === "refused") return { kind: "lost" };
      // If the claim was locked, or the data refused, the completion was not written: try it alone.
      // After any other error it may have been written, and only the answer lost: ask the database first.
      if (why.kind === "locked" || isDataError(why.error)) return outcome;
      onRetry(why.error);
      return { kind: "verify", otherwise: outcome };
    },
    async settle(run, outcome, signal) {
      let wanted = outcome;
      let wasLocked = false;
      for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LAST_MS, waitMs * 2)) {
        try {
          const settled = await settleOnce(run.job, wanted, wasLocked);
          if (settled !== null) return settled;
          wasLocked = true;
          // The lock ends with its transaction. After an abort, do not wait for that: if nothing was written, recovery
          // takes the job back.
          signal.throwIfAborted();
        } catch (error) {
          const next = afterError(run, wanted, error);
          if (next === null || signal.aborted) throw error;
          if (next === wanted || next.kind === "verify") onRetry(error);
          wanted = next;
        }
        await pause(clock, waitMs, signal);
      }
    },
  };
}

function createWriters(db: Executor): Writers {
  return {
    completions: createFencedBatcher(BATCH_MAX, (items) => completeJobs(db, items, "wait briefly")),
    completionsThatSkip: createFencedBatcher(BATCH_MAX, (items) => completeJobs(db, items, "skip")),
    failures: createFencedBatcher(BATCH_MAX, (items) => failJobs(db, items, "wait briefly")),
    releases: createFencedBatcher(BATCH_MAX, (items) => releaseJobs(db, items, "wait briefly")),
  };
}

/** Writes one outcome, and returns what became of the write. */
function write(
  { completions, completionsThatSkip, failures, releases }: Writers,
  { id, leaseToken }: ClaimedJob,
  { outcome, skipsLocked }: { outcome: SettledOutcome; skipsLocked: boolean },
): Promise<Answer> {
  const lease = { id, leaseToken };
  switch (outcome.kind) {
    case "complete":
      return (skipsLocked ? completionsThatSkip : completions).submit({
        id,
        leaseToken,
        output: outcome.output,
      });
    case "retry":
      return failures.submit({ ...lease, error: outcome.error, retryInMs: outcome.retryInMs });
    case "fail":
      return failures.submit({ ...lease, error: outcome.error, retryInMs: null });
    case "cancel":
      return failures.submit({
        ...lease,
        error: outcome.error,
        retryInMs: null,
        cancel: outcome.requested ? "if requested" : true,
      });
    case "snooze":
    case "release":
      return releases.submit(outcome.delayMs === undefined ? lease : { ...lease, delayMs: outcome.delayMs });
    case "lost":
      return Promise.resolve("refused");
    default:
      return outcome satisfies never;
  }
}

/** What a run counts as, by what became of its write; null for a run that is released or snoozed. */
function countedAs(outcome: SettledOutcome, answer: Exclude<Answer, "locked">): CountedOutcome | null {
  if (answer === "released") return null;
  if (answer !== "written") return answer;
  return outcome.kind === "complete" ? "completed" : null;
}

/** The outcome of a run whose job was canceled. A cancel may have been requested before the run noticed. */
function asCanceled({ id }: ClaimedJob, outcome: SettledOutcome): SettledOutcome {
  if (outcome.kind === "cancel") return outcome;
  // A released or snoozed run has no error.
  const error = "error" in outcome ? outcome.error : errorText(new JobCanceledError(id));
  return { kind: "cancel", error, requested: true };
}

/** The outcome to write after an error; null when nothing can be written. */
function afterError(run: Run, wanted: Outcome, error: unknown): Outcome | null {
  if (isDataError(error)) return afterRefusal(run, wanted, error);
  // Whatever the error is, the handler has done its work. To write its outcome late is better than to run the job
  // again.
  if (isLost(run)) return null;
  // The completion may have been committed, and only the answer lost.
  return wanted.kind === "complete" ? { kind: "verify", otherwise: wanted } : wanted;
}

/**
 * The outcome after the database refused the data of an outcome. The database would refuse the same data again, so the
 * job fails, with the database's message as its error. Throws if that is refused, too: the lease then runs out, and
 * recovery counts a crash.
 */
function afterRefusal({ job }: Run, wanted: Outcome, error: unknown): Outcome | null {
  const outcome = wanted.kind === "verify" ? wanted.otherwise : wanted;
  switch (outcome.kind) {
    case "complete":
    case "snooze": {
      const thrown = refusal(job.id, outcome.kind, error);
      return { kind: "fail", error: errorText(thrown), thrown };
    }
    case "retry":
    case "cancel": {
      const thrown = refusal(job.id, outcome.kind, error);
      const text = `${errorText(thrown)}\nThe handler ended with: ${outcome.error}`;
      return { kind: "fail", error: text.slice(0, ERROR_TEXT_MAX), thrown };
    }
    case "fail":
    case "release":
      throw refusal(job.id, outcome.kind, error);
    case "lost":
      return null;
    default:
      return outcome satisfies never;
  }
}

function refusal(jobId: string, outcome: RefusedOutcome, error: unknown): OutcomeRefusedError {
  return new OutcomeRefusedError(jobId, outcome, databaseErrorOf(error));
}

/**
 * Whether nothing more can be written, because the lease is lost. If the handler called `completeInTx`, the job may
 * still be completed.
 */
function isLost(run: Run): boolean {
  return run.abortReason instanceof LeaseLostError && !run.hasCompleted;
}
