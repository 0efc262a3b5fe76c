import type { Batcher, Clock, Executor } from "@millrace/base";
import { databaseErrorOf, isDataError, pause } from "@millrace/base";
import { OutcomeRefusedError, type RefusedOutcome } from "../database-errors.ts";
import { LeaseLostError } from "../errors.ts";
import { createFencedBatcher, type FencedAnswer } from "../job/fenced-batcher.ts";
import type { ClaimedJob, Completion } from "../job/job.ts";
import type { Outcome, SettledOutcome } from "../run/decide-outcome.ts";
import { ERROR_TEXT_MAX, errorText } from "../run/error-text.ts";
import type { Run } from "../run/run.ts";
import { completeJobs } from "./complete-jobs.sql.ts";
import type { WhyNot } from "./completions.ts";
import { failJobs } from "./fail-jobs.sql.ts";
import type { Failure, Release } from "./failure-and-release.ts";
import { releaseJobs } from "./release-jobs.sql.ts";
import { runStanding } from "./run-standing.sql.ts";

/** Writes the outcomes of runs; outcomes that come at the same moment share a statement. */
export interface Settler {
  /**
   * Writes one outcome. Resolves with what became of the run: the outcome that was written, or `lost`. While the
   * database is away, the write is repeated; this rejects when the run's lease is lost or `signal` is aborted. A
   * handler's own transaction that may complete the job is waited for until it has ended.
   *
   * An outcome that the database refuses for its data fails the job instead. If the failure is refused, too, this
   * rejects with `OutcomeRefusedError`, and writes nothing more.
   */
  settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<SettledOutcome>;
  /** The outcome with which to settle a run whose completion was not written at its first try; see `Completions`. */
  afterUnwritten(output: string | null, why: WhyNot): Outcome;
}

/** What a settler needs. */
export interface SettlerOptions {
  db: Executor;
  clock: Clock;
  /** Called for each write that failed and will be tried again. */
  onRetry(error: unknown): void;
}

interface Writers {
  completions: Batcher<Completion, FencedAnswer>;
  /**
   * Completions that were not written at the first try, mostly because their row was locked. They use the policy
   * `skip`, so that they delay no other completion.
   */
  completionsThatSkip: Batcher<Completion, FencedAnswer>;
  failures: Batcher<Failure, FencedAnswer>;
  releases: Batcher<Release, FencedAnswer>;
}

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** The first wait before a write is tried again, in ms; doubles up to the last. */
const RETRY_FIRST_MS = 100;
const RETRY_LAST_MS = 5_000;

/** Creates the settler of one worker. */
export function createSettler({ db, clock, onRetry }: SettlerOptions): Settler {
  const writers: Writers = {
    completions: createFencedBatcher(BATCH_MAX, (items) => completeJobs(db, items, "wait briefly")),
    completionsThatSkip: createFencedBatcher(BATCH_MAX, (items) => completeJobs(db, items, "skip")),
    failures: createFencedBatcher(BATCH_MAX, (items) => failJobs(db, items, "wait briefly")),
    releases: createFencedBatcher(BATCH_MAX, (items) => releaseJobs(db, items, "wait briefly")),
  };

  /** Null while another transaction keeps the outcome from being written, or keeps the run's standing unknown. */
  function settleOnce(
    job: ClaimedJob,
    outcome: Outcome,
    skipsLocked: boolean,
  ): Promise<SettledOutcome | null> {
    if (outcome.kind === "verify") return verify(job, outcome.otherwise);
    return write(writers, job, { outcome, skipsLocked }).then((answer) => {
      if (answer === "locked") return null;
      return answer === "written" ? outcome : { kind: "lost" };
    });
  }

  async function verify(job: ClaimedJob, otherwise: SettledOutcome): Promise<SettledOutcome | null> {
    const stands = await runStanding(db, job);
    switch (stands) {
      case "completed":
        return { kind: "complete", output: null };
      case "held":
        return settleOnce(job, otherwise, true);
      case "locked":
        return null;
      case "lost":
        return { kind: "lost" };
      default:
        return stands satisfies never;
    }
  }

  return {
    afterUnwritten(output, why) {
      const outcome = { kind: "complete", output } as const;
      if (why.kind === "refused") return { kind: "lost" };
      // A completion whose data was refused is tried again by itself. One that failed otherwise may have been written,
      // and only its answer lost. One that was locked is asked about, and written when its claim is free.
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
          // The lock ends with its transaction. After an abort nobody waits for that: recovery takes the job back if
          // nothing was written.
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

/** Writes one outcome, and returns what became of the write. */
function write(
  { completions, completionsThatSkip, failures, releases }: Writers,
  { id, leaseToken }: ClaimedJob,
  { outcome, skipsLocked }: { outcome: SettledOutcome; skipsLocked: boolean },
): Promise<FencedAnswer> {
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
      return failures.submit({ ...lease, error: outcome.error, retryInMs: null, cancel: true });
    case "snooze":
    case "release":
      return releases.submit(outcome.delayMs === undefined ? lease : { ...lease, delayMs: outcome.delayMs });
    case "lost":
      return Promise.resolve("refused");
    default:
      return outcome satisfies never;
  }
}

/** The outcome to write after an error; null when nothing can be written. */
function afterError(run: Run, wanted: Outcome, error: unknown): Outcome | null {
  if (isDataError(error)) return afterRefusal(run, wanted, error);
  // Whatever else the error is, the handler has done its work: writing the outcome late is better than running the job
  // again.
  if (isLost(run)) return null;
  // The write may have been committed, and only its answer lost.
  return wanted.kind === "complete" ? { kind: "verify", otherwise: wanted } : wanted;
}

/**
 * The database would refuse the same data again. So the job fails, with the database's words. If that is refused, too,
 * nothing more is written: the lease runs out, and recovery counts a crash.
 */
function afterRefusal({ job }: Run, wanted: Outcome, error: unknown): Outcome | null {
  const outcome = wanted.kind === "verify" ? wanted.otherwise : wanted;
  switch (outcome.kind) {
    case "complete":
    case "snooze":
      return { kind: "fail", error: errorText(refusal(job.id, outcome.kind, error)) };
    case "retry":
    case "cancel": {
      const text = `${errorText(refusal(job.id, outcome.kind, error))}\nThe handler ended with: ${outcome.error}`;
      return { kind: "fail", error: text.slice(0, ERROR_TEXT_MAX) };
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

/** Whether nothing more can be written: the lease is lost. A run that completed itself may still be found completed. */
function isLost(run: Run): boolean {
  return run.abortReason instanceof LeaseLostError && !run.hasCompleted;
}
