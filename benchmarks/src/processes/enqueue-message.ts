/** What an enqueueing process is told, as JSON in its first argument. */
export interface EnqueueSpec {
  adapterId: string;
  url: string;
  /** How long each pattern is measured. */
  patternMs: number;
}

/** Jobs per second, by pattern. */
export interface EnqueueReport {
  sequence: number;
  concurrent: number;
  bulk1000: number;
  bulk10000: number;
}

/** The one message of an enqueueing process. */
export interface EnqueueMessage {
  kind: "enqueued";
  report: EnqueueReport;
}
