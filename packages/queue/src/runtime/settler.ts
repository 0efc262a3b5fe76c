import type { ClaimedJob, Completion, Lease } from "../domain/job.ts";
import type { Outcome, SettledOutcome } from "../domain/outcome.ts";
import type { Run } from "../domain/run.ts";
import { LeaseLostError } from "../errors.ts";
import type { Failure, Queue, Release } from "../queue.ts";
import { isTransient } from "../store/pg-errors.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import type { Clock } from "./clock.ts";

/** Writes the outcomes of runs, together where they come together. */
export interface Settler {
  /**
   * Writes one outcome. Resolves with what became of the run: the outcome written, or `lost`. A database that is away is
   * waited for, as long as the run's lease may hold and `signal` is not aborted; then, or for any other error, it
   * rejects.
   */
  settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<SettledOutcome>;
}

/** What a settler needs. */
export interface SettlerOptions {
  queue: Queue;
  /** Whether a run completed its job in its handler's own transaction. */
  wasCompleted(lease: Lease): Promise<boolean>;
  clock: Clock;
  /** Told of each write that will be tried again. */
  onRetry(error: unknown): void;
}

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/** The first wait before a write is tried again, in ms; doubles up to the last. */
const RETRY_FIRST_MS = 100;
const RETRY_LAST_MS = 5_000;

/** Creates the settler of one worker. */
export function createSettler({ queue, wasCompleted, clock, onRetry }: SettlerOptions): Settler {
  const completions = fenced<Completion>((items) => queue.complete(items));
  const failures = fenced<Failure>((items) => queue.fail(items));
  const releases = fenced<Release>((items) => queue.release(items));

  async function write(job: ClaimedJob, outcome: SettledOutcome): Promise<boolean> {
    const lease = { id: job.id, leaseToken: job.leaseToken };
    switch (outcome.kind) {
      case "complete":
        return completions.submit(outcome.output === null ? lease : { ...lease, output: outcome.output });
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
        return false;
      default:
        return outcome satisfies never;
    }
  }

  async function settleOnce(job: ClaimedJob, outcome: Outcome): Promise<SettledOutcome> {
    if (outcome.kind === "verify") {
      if (await wasCompleted({ id: job.id, leaseToken: job.leaseToken }))
        return { kind: "complete", output: null };
      return settleOnce(job, outcome.otherwise);
    }
    return (await write(job, outcome)) ? outcome : { kind: "lost" };
  }

  return {
    async settle(run, outcome, signal) {
      let wanted = outcome;
      for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LAST_MS, waitMs * 2)) {
        try {
          return await settleOnce(run.job, wanted);
        } catch (error) {
          if (!isTransient(error) || signal.aborted || isLost(run)) throw error;
          onRetry(error);
          // The write may have been committed, and only its answer lost.
          if (wanted.kind === "complete") wanted = { kind: "verify", otherwise: wanted };
          await pause(clock, waitMs, signal);
        }
      }
    },
  };
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
      const refused = new Set((await write(items)).map((lease) => `${lease.id} ${lease.leaseToken}`));
      return items.map((item) => !refused.has(`${item.id} ${item.leaseToken}`));
    },
  });
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const stop = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}
