import type { ClaimedJob, WorkerEvent } from "@millrace/queue";

/** A run that failed: its job is failed for good, or waits for another attempt. */
export interface FailedRun {
  readonly job: ClaimedJob;
  readonly outcome: "failed" | "retried";
  /** The error as it is stored, with its stack. */
  readonly error: string;
  /** What the handler or a middleware threw. Undefined if neither threw: the output may be too large, for instance. */
  readonly thrown: unknown;
}

/** What became of the runs of a `drain`. A job that ran several times counts several times. */
export interface DrainResult {
  readonly completed: number;
  /** Failed for good. */
  readonly failed: number;
  /** Failed, and queued for another attempt. */
  readonly retried: number;
  readonly canceled: number;
  readonly snoozed: number;
  /** The failed runs, in their order. An empty list is what most tests expect. */
  readonly failures: readonly FailedRun[];
  /** The types of due jobs that did not run, because the test queue has no task for them. */
  readonly withoutTask: readonly string[];
}

/** Counts the runs of one drain by the events of its workers. */
export class DrainTally {
  readonly runs = new Map<string, number>();
  readonly failures: FailedRun[] = [];
  readonly thrown = new Map<string, unknown>();
  /** The first error of a worker itself; undefined if there was none. */
  problem: { error: unknown } | undefined;
  started = 0;
  readonly #counts = { completed: 0, failed: 0, retried: 0, canceled: 0, snoozed: 0 };

  count(event: WorkerEvent): void {
    switch (event.kind) {
      case "job-started":
        this.started += 1;
        this.runs.set(event.job.type, (this.runs.get(event.job.type) ?? 0) + 1);
        break;
      case "job-completed":
        this.#counts.completed += 1;
        break;
      case "job-canceled":
        this.#counts.canceled += 1;
        break;
      case "job-snoozed":
        this.#counts.snoozed += 1;
        break;
      case "job-failed":
        this.#failed(event, "failed");
        break;
      case "job-retried":
        this.#failed(event, "retried");
        break;
      case "error":
        this.problem ??= { error: event.error };
    }
  }

  result(withoutTask: readonly string[]): DrainResult {
    return { ...this.#counts, failures: this.failures, withoutTask };
  }

  #failed({ job, error }: { job: ClaimedJob; error: string }, outcome: FailedRun["outcome"]): void {
    this.#counts[outcome] += 1;
    this.failures.push({ job, outcome, error, thrown: this.thrown.get(job.id) });
  }
}
