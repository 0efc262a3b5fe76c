/** A job that a worker runs, or has claimed and not begun. */
export interface WorkerRun {
  workerId: string;
  /** The id of the job. */
  id: string;
  type: string;
  queue: string;
  /** How many runs of the job were counted as attempts, with this one. */
  attempts: number;
  /** When the run began; null for a run that has not begun. */
  lastRunAt: Date | null;
  /** The end of the lease, unless the worker renews it. */
  leaseUntil: Date;
  /** When a cancel was requested; null if none was. */
  cancelRequestedAt: Date | null;
}

/** The options of `runsOf`. */
export interface WorkerRunsOptions {
  /** How many runs of each worker to return at most, 1 to 1,000. Default 20. */
  limit?: number;
}
