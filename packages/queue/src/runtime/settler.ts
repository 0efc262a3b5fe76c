import type { ClaimedJob, Lease } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Run } from "../domain/run.ts";
import { LeaseLostError } from "../errors.ts";
import type { Failure, Queue } from "../queue.ts";
import { isTransient } from "../store/pg-errors.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import type { Clock } from "./clock.ts";

/** Writes the outcomes of runs, together where they come together. */
export interface Settler {
  /**
   * Writes one outcome. Resolves with whether it was written; false means the lease was lost. A database that is
   * away is waited for, as long as the run's lease may hold and `signal` is not aborted; then, or for any other
   * error, it rejects.
   */
  settle(run: Run, outcome: Outcome, signal: AbortSignal): Promise<boolean>;
}

/** What a settler needs. */
export interface SettlerOptions {
  queue: Queue;
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
export function createSettler({ queue, clock, onRetry }: SettlerOptions): Settler {
  const completions = fenced<Lease>((leases) => queue.complete(leases));
  const failures = fenced<Failure>((items) => queue.fail(items));
  const releases = fenced<Lease>((leases) => queue.release(leases));

  async function write(job: ClaimedJob, outcome: Outcome): Promise<boolean> {
    const lease = { id: job.id, leaseToken: job.leaseToken };
    switch (outcome.kind) {
      case "complete":
        return completions.submit(lease);
      case "retry":
        return failures.submit({ ...lease, error: outcome.error, retryInMs: outcome.retryInMs });
      case "fail":
      case "cancel":
        return failures.submit({ ...lease, error: outcome.error, retryInMs: null });
      case "release":
        return releases.submit(lease);
      case "lost":
        return false;
      default:
        return outcome satisfies never;
    }
  }

  return {
    async settle(run, outcome, signal) {
      for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LAST_MS, waitMs * 2)) {
        try {
          return await write(run.job, outcome);
        } catch (error) {
          if (!isTransient(error) || signal.aborted || run.abortReason instanceof LeaseLostError) throw error;
          onRetry(error);
          await pause(clock, waitMs, signal);
        }
      }
    },
  };
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
