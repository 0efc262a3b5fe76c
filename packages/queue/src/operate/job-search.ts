import type { Job } from "../job/job.ts";

/** A page of jobs that `search` found. */
export interface JobSearch {
  /** The jobs that fit, in the order of the filter. Few jobs, or none, do not mean that there are no more. */
  jobs: Job[];
  /** The filter's `before` for the next call; null when there is no more to look at. */
  before: string | null;
  /**
   * All jobs enqueued since this instant were looked at; null when all jobs were. Rests on ids that grow with time.
   * With the order `oldest-due` always null.
   */
  lookedBackTo: Date | null;
}

/** The options of `search`. */
export interface SearchOptions {
  /** How many ended jobs to look at, and how many waiting jobs, 1 to 1,000,000. Default 20,000. */
  rows?: number;
  /**
   * Whether to read payloads, outputs and progresses, each of which may have some MiB. Default true. With false, they
   * are null: `texts` reads those that are wanted, up to a size.
   */
  json?: boolean;
}
