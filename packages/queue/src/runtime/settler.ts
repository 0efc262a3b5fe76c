import { errorText } from "../domain/error-text.ts";
import type { ClaimedJob, Completion, Lease } from "../domain/job.ts";
import type { Outcome, SettledOutcome } from "../domain/outcome.ts";
import type { Run } from "../domain/run.ts";
import { InvalidResultError, LeaseLostError } from "../errors.ts";
import type { Failure, Queue, Release } from "../queue.ts";
import { isDataError, isTransient } from "../store/pg-errors.ts";
import type { RunStanding } from "../store/run-standing.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import type { Clock } from "./clock.ts";
import { pause } from "./pause.ts";

/** Writes the outcomes of runs, together where they come together. */
export interface Settler {
  /**
   * Writes one outcome. Resolves with what became of the run: the outcome written, or `lost`. A database that is away is
   * waited for, as long as the run's lease may hold and `signal` is not aborted; then, or for any other error, it
   * rejects. A handler's own transaction that may complete the job is waited for, too, until it has ended.
   */
  settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<SettledOutcome>;
}

/** What a settler needs. */
export interface SettlerOptions {
  queue: Queue;
  /** Asks the database how a run stands. */
  standing(lease: Lease): Promise<RunStanding>;
  clock: Clock;
  /** Told of each write that will be tried again. */
  onRetry(error: unknown): void;
}

interface Writers {
  completions: Batcher<Completion, boolean>;
  failures: Batcher<Failure, boolean>;
  releases: Batcher<Release, boolean>;
}

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** The first wait before a write is tried again, in ms; doubles up to the last. */
const RETRY_FIRST_MS = 100;
const RETRY_LAST_MS = 5_000;

/** Creates the settler of one worker. */
export function createSettler({ queue, standing, clock, onRetry }: SettlerOptions): Settler {
  const writers: Writers = {
    completions: fenced((items) => queue.complete(items)),
    failures: fenced((items) => queue.fail(items)),
    releases: fenced((items) => queue.release(items)),
  };

  /** Null while a transaction under way keeps it from being told. */
  function settleOnce(job: ClaimedJob, outcome: Outcome): Promise<SettledOutcome | null> {
    if (outcome.kind === "verify") return verify(job, outcome.otherwise);
    return write(writers, job, outcome).then((written) => (written ? outcome : { kind: "lost" }));
  }

  async function verify(job: ClaimedJob, otherwise: SettledOutcome): Promise<SettledOutcome | null> {
    const stands = await standing({ id: job.id, leaseToken: job.leaseToken });
    switch (stands) {
      case "completed":
        return { kind: "complete", output: null };
      case "held":
        return settleOnce(job, otherwise);
      case "locked":
        return null;
      case "lost":
        return { kind: "lost" };
      default:
        return stands satisfies never;
    }
  }

  return {
    async settle(run, outcome, signal) {
      let wanted = outcome;
      for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LAST_MS, waitMs * 2)) {
        try {
          const settled = await settleOnce(run.job, wanted);
          if (settled !== null) return settled;
          // The lock ends with its transaction; whatever is not told by then, recovery finds.
          signal.throwIfAborted();
        } catch (error) {
          const next = afterError(run, wanted, error);
          if (next === null || signal.aborted) throw error;
          if (isTransient(error)) onRetry(error);
          wanted = next;
        }
        await pause(clock, waitMs, signal);
      }
    },
  };
}

/** Writes one outcome, and answers whether the lease was still held. */
function write(writers: Writers, job: ClaimedJob, outcome: SettledOutcome): Promise<boolean> {
  const { completions, failures, releases } = writers;
  const { id, leaseToken } = job;
  const lease = { id, leaseToken };
  switch (outcome.kind) {
    case "complete":
      return completions.submit({ id, leaseToken, output: outcome.output });
    case "retry":
      return failures.submit({ ...lease, error: outcome.error, retryInMs: outcome.retryInMs });
    case "fail":
      return failures.submit({ ...lease, error: outcome.error, retryInMs: null });
    case "cancel":
      return failures.submit({ ...lease, error: outcome.error, retryInMs: null, cancel: true });
    case "snooze":
      return releases.submit({ ...lease, delayMs: outcome.delayMs });
    case "release":
      return releases.submit(lease);
    case "lost":
      return Promise.resolve(false);
    default:
      return outcome satisfies never;
  }
}

/** What is still to be written after an error; null when nothing can be. */
function afterError(run: Run, wanted: Outcome, error: unknown): Outcome | null {
  const written = wanted.kind === "verify" ? wanted.otherwise : wanted;
  if (isDataError(error) && written.kind === "complete" && written.output !== null) {
    const refused = new InvalidResultError(run.job.id, "output", {
      reason: "is refused by PostgreSQL.",
      cause: error,
    });
    return { kind: "fail", error: errorText(refused) };
  }
  if (!isTransient(error) || isLost(run)) return null;
  // The write may have been committed, and only its answer lost.
  return wanted.kind === "complete" ? { kind: "verify", otherwise: wanted } : wanted;
}

/** Whether nothing more can be written; a run that completed itself may still be found completed. */
function isLost(run: Run): boolean {
  return run.abortReason instanceof LeaseLostError && !run.completing;
}

/** A batcher over a fenced write: each item learns whether it was written. */
function fenced<Item extends Lease>(write: (items: Item[]) => Promise<Lease[]>): Batcher<Item, boolean> {
  return createBatcher({
    batchMax: BATCH_MAX,
    async write(items) {
      const lost = await write(items);
      if (lost.length === 0) return items.map(() => true);
      const refused = new Set(lost.map((lease) => `${lease.id} ${lease.leaseToken}`));
      return items.map((item) => !refused.has(`${item.id} ${item.leaseToken}`));
    },
    isShared: (error) => !isDataError(error),
  });
}
