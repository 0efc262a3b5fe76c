import type { MisfirePolicy } from "@millrace/schema/values";

/** What a scheduler tells of itself: for logs, metrics and tests. Told after the transaction is committed. */
export type SchedulerEvent =
  | { kind: "started" }
  | { kind: "stopped" }
  | ({ kind: "tick" } & EnqueuedTick)
  | {
      /** Ticks were found late, and treated as the policy says. */
      kind: "misfire";
      scheduleId: string;
      scheduleName: string;
      policy: MisfirePolicy;
      firstTickAt: Date;
      lastTickAt: Date;
      /** How many jobs were made of them. */
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
      /** A schedule has no further tick: its end has come. It stays enabled, and can be given a new end. */
      kind: "schedule-ended";
      scheduleId: string;
      scheduleName: string;
      lastTickAt: Date | null;
    }
  | ({ kind: "schedule-failed" } & ScheduleFailure)
  /** Changes by other processes are not heard of for now; what they change is found at the next look. */
  | { kind: "listen-error"; error: unknown }
  /** A round failed as a whole; nothing of its last batch was written. */
  | { kind: "error"; error: unknown; retryInMs: number };

/** A tick and the job it made. A duplicate's job was made before, by this tick as well. */
export interface EnqueuedTick {
  scheduleId: string;
  scheduleName: string;
  tickAt: Date;
  jobId: string;
  outcome: "enqueued" | "duplicate";
}

/** A schedule that cannot tick, for instance because its row was written by hand. It is left as it is. */
export interface ScheduleFailure {
  scheduleId: string;
  scheduleName: string;
  error: unknown;
}
