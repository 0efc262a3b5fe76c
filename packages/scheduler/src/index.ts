export { CRON_LENGTH_MAX, CRON_NAMES } from "./domain/cron.ts";
export { MISFIRE_CAP, MISFIRE_GRACE_MS } from "./domain/due-ticks.ts";
export { nextTick, previewTicks } from "./domain/next-tick.ts";
export type { NewSchedule, Schedule, SchedulePatch } from "./domain/schedule.ts";
export { tickKey } from "./domain/tick-key.ts";
export {
  type CronField,
  InvalidCronError,
  InvalidScheduleError,
  ScheduleNameTakenError,
  ScheduleNotFoundError,
  SchedulerError,
  UnknownTimeZoneError,
} from "./errors.ts";
export { createScheduler, type Scheduler, type SchedulerOptions } from "./runtime/scheduler.ts";
export type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./runtime/scheduler-event.ts";
export { createSchedules, type ScheduleFilter, type Schedules } from "./runtime/schedules.ts";
export type { TickResult } from "./runtime/tick-all-due.ts";
export type { ConnectionPool, PooledConnection } from "./store/in-transaction.ts";
