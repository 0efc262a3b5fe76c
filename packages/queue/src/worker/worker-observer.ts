import type { ObservedClaim } from "../claim/observed-claim.ts";
import type { EnqueueObserver } from "../enqueue/enqueue-observer.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { LeaseCounts } from "../lease/lease-renewal.ts";
import type { WorkerEvent } from "./worker-event.ts";
import type { WorkerHealth } from "./worker-health.ts";

/** The worker that an observer is told of. */
export interface ObservedWorker {
  readonly workerId: string;
  /** What the worker does at this moment. */
  health(): WorkerHealth;
}

/**
 * Is told what a worker does, for metrics. Each function may be left out. Without an observer, a worker measures
 * nothing. The functions are called between the worker's own steps, so they must be quick. What one throws
 * is reported as an `error` event, and changes nothing for the worker's jobs.
 * `enqueued` is told of jobs that handlers enqueue by `context.enqueue`.
 *
 * @example
 * const observer: WorkerObserver = { waited: (job, waitMs) => histogram.observe(waitMs / 1_000) };
 */
export interface WorkerObserver extends EnqueueObserver {
  /** `createWorker` made this worker. */
  attached?(worker: ObservedWorker): void;
  /** Every event, before `onEvent` of the options gets it. */
  event?(event: WorkerEvent): void;
  /** A claim was answered, or failed. */
  claimed?(claim: ObservedClaim): void;
  /**
   * A handler begins. `waitMs` is how long its job was due before, in ms: by the database's clock from the due time to
   * the claim, and by the worker's clock from when the claim was sent. So it is too long by the claim's way to the
   * database.
   */
  waited?(job: ClaimedJob, waitMs: number): void;
  /** A statement that writes outcomes was answered. Most statements write the outcomes of many runs. */
  settled?(durationMs: number): void;
  /** A renewal was answered, or the worker gave up runs whose lease was about to end. */
  renewed?(leases: LeaseCounts): void;
}
