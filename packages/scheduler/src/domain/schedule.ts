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
  /** Smaller runs first. */
  priority: number;
  cron: string;
  /** An IANA time zone. */
  timezone: string;
  enabled: boolean;
  /** How many attempts each job gets. */
  maxAttempts: number;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  /** Each tick's job is due this late at most, in ms; the tick itself stays where it is. */
  jitterMs: number;
  /** No tick before this instant. */
  startsAt: Date | null;
  /** No tick at or after this instant. */
  endsAt: Date | null;
  /** Whether code declares it; see `reconcileSchedules`. */
  declared: boolean;
  /** Whether it can run, and if not, why, at the moment it was read. */
  status: ScheduleStatus;
  /** The tick to come; null while disabled, without a future, or until a scheduler computes it. */
  nextRunAt: Date | null;
  /** The last tick that was accounted for, whether it made a job or not. */
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
  /** The queue the jobs go to, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** Any JSON value. Default `{}`. */
  payload?: JsonValue;
  /** -32768 to 32767, smaller runs first. Default 0. */
  priority?: number;
  /** From 1. Default 3. */
  maxAttempts?: number;
  /** Default `latest`. */
  misfire?: MisfirePolicy;
  /** Default `allow`. */
  overlap?: OverlapPolicy;
  /** How late a tick's job may be due, in ms, 0 to 86,400,000. Default 0. */
  jitterMs?: number;
  /** No tick before this instant. Default null: from now on. */
  startsAt?: Date | null;
  /** No tick at or after this instant. Default null: for ever. */
  endsAt?: Date | null;
  /** Default true. */
  enabled?: boolean;
}

/** What to change of a schedule. `enabled` has commands of its own. */
export type SchedulePatch = Partial<Omit<NewSchedule, "enabled">>;

/** What became of a tick. */
export interface ScheduleTick {
  /** The instant it was due. Its job is due later by the schedule's jitter. */
  tickAt: Date;
  /** `enqueued`; `duplicate`: its job was there already; or the policy that left it out. */
  outcome: TickOutcome;
  /** Its job, which may have been pruned since; null when it made none. */
  jobId: string | null;
  recordedAt: Date;
}
