/** Selects the failed jobs to look at, and how many groups to return. */
export interface FailuresFilter {
  queue?: string;
  type?: string;
  /** Only jobs that failed at this instant or later. */
  finishedAfter?: Date;
  /** How many groups to return at most, 1 to 1,000. Default 50. */
  limit?: number;
  /** How many failed jobs to look at, the last enqueued first, 1 to 1,000,000. Default 10,000. */
  jobs?: number;
  /**
   * How many failed and canceled jobs to read in order to find these, the last enqueued first, 1 to 2,000,000. Default
   * 2,000,000. Most jobs that are read do not fit a filter that few jobs fit, such as a short time.
   */
  rows?: number;
  /** An abort ends the call between two statements. The result then has what was found before. */
  signal?: AbortSignal;
}

/** Failed jobs of one type and queue whose errors have the same fingerprint. */
export interface FailureGroup {
  type: string;
  queue: string;
  /** What the errors have in common: their first line without ids, numbers and quoted values. */
  fingerprint: string;
  /** The first line of the error of the job that failed last; null if that job has no error. */
  error: string | null;
  /** How many of the jobs looked at are of this group. */
  count: number;
  /** When the first of these jobs failed. */
  firstAt: Date;
  /** When the last of these jobs failed. */
  lastAt: Date;
  /** The job that failed last. */
  exampleId: string;
}

/** What `failures` found. */
export interface FailureReport {
  /** The groups, those with the most jobs first. */
  groups: FailureGroup[];
  /** How many failed jobs were looked at. */
  looked: number;
  /** Whether these are all failed jobs that fit. */
  complete: boolean;
}
