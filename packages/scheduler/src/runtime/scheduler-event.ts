import type { MisfirePolicy } from "@millrace/schema/values";

/** An event that a scheduler reports, for logs, metrics and tests. Events about ticks follow the commit. */
export type SchedulerEvent =
  | { kind: "started" }
  | { kind: "stopped" }
  | ({ kind: "tick" } & EnqueuedTick)
  | {
      /** Ticks were found late, or the misfire policy skipped ticks. */
      kind: "misfire";
      scheduleId: string;
      scheduleName: string;
      policy: MisfirePolicy;
      firstTickAt: Date;
      lastTickAt: Date;
      /** How many of the ticks fired. */
      jobs: number;
    }
  | {
      /** A due schedule made fewer jobs because of its overlap policy. */
      kind: "overlap-skipped";
      scheduleId: string;
      scheduleName: string;
      lastTickAt: Date;
    }
  | {
      /**
       * A schedule has no further tick, or its ticks have made `maxRuns` jobs. The schedule stays enabled, and can be
       * given a new end.
       */
      kind: "schedule-ended";
      scheduleId: string;
      scheduleName: string;
      lastTickAt: Date | null;
    }
  | ({ kind: "schedule-failed" } & ScheduleFailure)
  /** The listening connection failed. The scheduler finds changes by other processes in its next round. */
  | { kind: "listen-error"; error: unknown }
  /** A round failed. A failed batch has written nothing, unless only the answer to its commit was lost. */
  | { kind: "error"; error: unknown; retryInMs: number };

/** A tick and its job. The outcome `duplicate` means that the tick made the job earlier. */
export interface EnqueuedTick {
  scheduleId: string;
  scheduleName: string;
  tickAt: Date;
  jobId: string;
  outcome: "enqueued" | "duplicate";
}

/** A schedule that cannot tick, for instance because its row was written by hand. The row stays as it is. */
export interface ScheduleFailure {
  scheduleId: string;
  scheduleName: string;
  error: unknown;
}
