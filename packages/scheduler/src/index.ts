export type { ConnectionPool, PooledConnection } from "@millrace/queue";
export {
  type DefineScheduleOptions,
  defineSchedule,
  isSchedule,
  type ScheduleDeclaration,
} from "./define-schedule.ts";
export { checkCron } from "./domain/check-cron.ts";
export { CRON_LENGTH_MAX, CRON_NAMES } from "./domain/cron.ts";
export { describeCron } from "./domain/describe-cron.ts";
export { type Described, type Description, describeSchedule } from "./domain/describe-schedule.ts";
export { MISFIRE_CAP, MISFIRE_GRACE_MS } from "./domain/due-ticks.ts";
export { EVERY_MS_MAX, EVERY_MS_MIN } from "./domain/interval.ts";
export { nextTick, previewTicks } from "./domain/next-tick.ts";
export {
  type Preview,
  type Previewed,
  type PreviewedChange,
  type PreviewedTick,
  preview,
} from "./domain/preview.ts";
export type { DeclaredField, FieldDrift } from "./domain/reconcile-fields.ts";
export type { NewSchedule, Schedule, SchedulePatch, ScheduleTick } from "./domain/schedule.ts";
export type { ScheduleStatus } from "./domain/schedule-status.ts";
export { JITTER_MS_MAX, tickDelayMs } from "./domain/tick-delay.ts";
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
export {
  type ReconcileOptions,
  type ReconcileReport,
  reconcileSchedules,
  type ScheduleDrift,
} from "./runtime/reconcile-schedules.ts";
export {
  createScheduler,
  type Scheduler,
  type SchedulerOptions,
  type TickResult,
} from "./runtime/scheduler.ts";
export type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./runtime/scheduler-event.ts";
export {
  createSchedules,
  type ScheduleFilter,
  type Schedules,
  type SchedulesOptions,
} from "./runtime/schedules.ts";
export type { TickQueue } from "./runtime/tick-batch.ts";
export { TICKS_KEPT } from "./store/record-ticks.ts";
