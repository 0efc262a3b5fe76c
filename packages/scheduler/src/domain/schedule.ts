import type { JsonValue } from "@millrace/queue";
import type { MisfirePolicy, OverlapPolicy, TickOutcome } from "@millrace/schema/values";
import type { ScheduleStatus } from "./schedule-status.ts";

/** A cron expression, a time zone, and the job that each tick enqueues. Instants are by the database's clock. */
export interface Schedule {
  id: string;
  name: string;
  jobType: string;
  queue: string;
  payload: JsonValue;
  /** Jobs with a smaller priority run first. */
  priority: number;
  cron: string;
  /** An IANA time zone. */
  timezone: string;
  enabled: boolean;
  /** How many attempts each job gets. */
  maxAttempts: number;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  /** The most that a job may be delayed after its tick, in ms. The tick itself does not move. */
  jitterMs: number;
  /** No tick before this instant. */
  startsAt: Date | null;
  /** No tick at or after this instant. */
  endsAt: Date | null;
  /** Whether code has declared the schedule; see `reconcileSchedules`. */
  declared: boolean;
  /** Whether the schedule could run when it was read, and if not, why. */
  status: ScheduleStatus;
  /**
   * The next tick. Null while the schedule is disabled, has no further tick, or waits for a scheduler's computation.
   */
  nextRunAt: Date | null;
  /** The last tick that was accounted for, with or without a job. */
  lastRunAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** A schedule to create. */
export interface NewSchedule {
  /** 1 to 100 characters, unique, and not in the form of a UUID. */
  name: string;
  /** The type of the jobs, 1 to 100 characters. */
  jobType: string;
  /** Five fields, six with seconds first, or a name such as `@hourly`; at most 100 characters. */
  cron: string;
  /** An IANA time zone of at most 50 characters. Default `UTC`. */
  timezone?: string;
  /** The queue of the jobs, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** The payload of each job: any JSON value. Default `{}`. */
  payload?: JsonValue;
  /** -32768 to 32767; jobs with a smaller priority run first. Default 0. */
  priority?: number;
  /** How many attempts each job gets, at least 1. Default 10. */
  maxAttempts?: number;
  /** What a scheduler does with ticks that it finds late: `latest`, `skip` or `all`. Default `latest`. */
  misfire?: MisfirePolicy;
  /** What a scheduler does at a tick while a job of the schedule is queued or running. Default `allow`. */
  overlap?: OverlapPolicy;
  /** The most that a job may be delayed after its tick, in ms, 0 to 86,400,000. Default 0. */
  jitterMs?: number;
  /** No tick before this instant. Default null: from now on. */
  startsAt?: Date | null;
  /** No tick at or after this instant. Default null: for ever. */
  endsAt?: Date | null;
  /** Whether the schedule ticks. Default true. */
  enabled?: boolean;
}

/** The fields of a schedule to change. `enabled` has commands of its own. */
export type SchedulePatch = Partial<Omit<NewSchedule, "enabled">>;

/** A tick and its outcome. */
export interface ScheduleTick {
  /** The instant of the tick. The tick's job is due later by the schedule's jitter. */
  tickAt: Date;
  /**
   * - `enqueued`: the tick made a job.
   * - `duplicate`: a job with the tick's key existed already.
   * - `misfire-skipped`, `overlap-skipped`: this policy skipped the tick.
   */
  outcome: TickOutcome;
  /** The id of the tick's job, even if the job has been deleted since. Null when a policy skipped the tick. */
  jobId: string | null;
  recordedAt: Date;
}
