/** How long to wait before the next attempt, in ms: `baseMs` doubles with each attempt, up to `capMs`. */
export interface BackoffSettings {
  baseMs?: number;
  capMs?: number;
  jitterMs?: number;
}

/** The job that a final failure enqueues. */
export interface DeadLetter {
  /** The type of that job: the name of its task. */
  type: string;
  /** The queue of that job. Default `default`. */
  queue?: string;
}

/** What a queue may set for its jobs, where neither the job nor its task sets it. */
export interface QueueSettings {
  backoff?: BackoffSettings;
  /** How long one run may take, in ms. */
  timeoutMs?: number;
  /** How long an ended job is kept, in ms. */
  retentionMs?: number;
  /** Null: none. A job with null has none even if its queue names one. */
  deadLetter?: DeadLetter | null;
}

/**
 * What few jobs have: the column `settings` of a job, which is NULL for all others. Instants are ms since 1970, so that
 * an index can be on them.
 */
export interface JobSettings extends QueueSettings {
  tags?: readonly string[];
  metadata?: Readonly<Record<string, unknown>>;
  /** A job that has not started by this instant is canceled. */
  startBy?: number;
  /** The tick of the schedule that made the job. */
  tickAt?: number;
  /** The id of the job that this job waits for: one job of a key runs at a time. */
  after?: string;
  /** The W3C trace context of the enqueue, and its vendors' part. */
  traceparent?: string;
  tracestate?: string;
  /** The job was made later than the trace context: a run is linked to the context, and is never its child. */
  traceLinkOnly?: true;
}
