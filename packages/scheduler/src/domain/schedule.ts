import type { JsonText, JsonValue } from "@millrace/queue";
import type { MisfirePolicy, OverlapPolicy, TickOutcome } from "@millrace/schema/values";
import type { ScheduleStatus } from "./schedule-status.ts";

/**
 * A cron expression in a time zone, or an interval, and the job that each tick enqueues. Instants are by the database's
 * clock.
 */
export interface Schedule {
  id: string;
  name: string;
  jobType: string;
  queue: string;
  payload: JsonValue;
  /** Jobs with a smaller priority run first. */
  priority: number;
  /** The expression. Null for a schedule that ticks at an interval. */
  cron: string | null;
  /** The interval between two ticks, in ms. Null for a schedule with an expression. */
  everyMs: number | null;
  /** The instant from which the interval counts. Null: the schedule's creation. */
  anchor: Date | null;
  /** An IANA time zone. An interval does not follow the zone. */
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
  /** The schedule ends when its ticks have made so many jobs. Null: the schedule has no such end. */
  maxRuns: number | null;
  /** How many jobs the ticks have made. Jobs of `runNow` do not count. */
  runs: number;
  /** Whether code has declared the schedule; see `reconcileSchedules`. */
  declared: boolean;
  /** Whether the schedule could run when it was read, and if not, why. */
  status: ScheduleStatus;
  /** A sentence for each step of the expression that is not what it seems, such as every 7 hours. Most have none. */
  warnings: readonly string[];
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
  /**
   * Five fields, six with seconds first, or a name such as `@hourly`; at most 100 characters. A schedule has either
   * `cron` or `everyMs`.
   */
  cron?: string | null;
  /**
   * The interval between two ticks, in ms, 1,000 to 3,155,760,000,000. The ticks are `anchor` + n * `everyMs`, by the
   * database's clock. A change of the clock of a zone does not move the ticks.
   */
  everyMs?: number | null;
  /** The first tick of the interval, or one that has passed. Default null: the schedule's creation. */
  anchor?: Date | null;
  /** An IANA time zone of at most 50 characters, for `cron`. Default `UTC`. */
  timezone?: string;
  /** The queue of the jobs, 1 to 100 characters. Default `default`. */
  queue?: string;
  /** The payload of each job: any JSON value, or JSON as text. Default `{}`. */
  payload?: JsonValue | JsonText;
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
  /**
   * The schedule ends when its ticks have made so many jobs, at least 1. However many schedulers run, the ticks make no
   * more jobs. Jobs of `runNow` do not count. Default null: no such end.
   */
  maxRuns?: number | null;
  /** Whether the schedule ticks. Default true. */
  enabled?: boolean;
  /**
   * Whether the schedule's creation is its first tick, so that a first job runs at once. A schedule is created once,
   * however often its declaration is reconciled. A schedule that is created disabled has no such tick. Default false.
   */
  runOnCreate?: boolean;
}

/**
 * The fields of a schedule to change. `cron` replaces `everyMs` and `anchor`; `everyMs` replaces `cron`. `enabled` has
 * commands of its own.
 */
export type SchedulePatch = Partial<Omit<NewSchedule, "enabled" | "runOnCreate">>;

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
