/** The first argument of an enqueueing process, as JSON. */
export interface EnqueueSpec {
  adapterId: string;
  url: string;
  /** How long to measure each pattern. */
  patternMs: number;
}

/** The jobs per second of each pattern. */
export interface EnqueueReport {
  sequence: number;
  concurrent: number;
  bulk1000: number;
  bulk10000: number;
}

/** The only message of an enqueueing process. */
export interface EnqueueMessage {
  kind: "enqueued";
  report: EnqueueReport;
}
