import type { Schedule, ScheduleStatus, ScheduleTick } from "@millrace/scheduler";
import { durationText } from "./duration-text.ts";
import { escapeControl, escapeLines } from "./escape-control.ts";
import { block, fields, instantText, table } from "./table.ts";

/** Formats schedules for people: a table with one schedule in each row. */
export function schedulesTable(schedules: readonly Schedule[]): string {
  if (schedules.length === 0) return "No schedules.";
  return table(
    ["NAME", "CRON", "TIMEZONE", "TYPE", "STATUS", "NEXT RUN AT", "LAST RUN AT"],
    schedules.map((schedule) => [
      schedule.name,
      schedule.cron,
      schedule.timezone,
      schedule.jobType,
      schedule.status,
      schedule.nextRunAt,
      schedule.lastRunAt,
    ]),
  );
}

/** Formats a schedule's last ticks and their outcomes for people, in the order given. */
export function ticksTable(ticks: readonly ScheduleTick[]): string {
  if (ticks.length === 0) return "No ticks.";
  return table(
    ["TICK AT", "OUTCOME", "JOB", "RECORDED AT"],
    ticks.map((tick) => [tick.tickAt, tick.outcome, tick.jobId, tick.recordedAt]),
  );
}

const STATUS_TEXT: Readonly<Record<ScheduleStatus, string>> = {
  ready: "ready",
  "no-handler": "no-handler: no worker seen in the last minute has a task for its jobs",
  "no-future": "no-future: it has no further tick",
  invalid: "invalid: its expression or time zone cannot be read",
  disabled: "disabled",
};

/** Formats one schedule for people. */
export function scheduleText(schedule: Schedule): string {
  const entries = fields([
    ["Name", schedule.name],
    ["Id", schedule.id],
    ["Cron", schedule.cron],
    ["Timezone", schedule.timezone],
    ["Enabled", schedule.enabled ? "yes" : "no"],
    ["Status", STATUS_TEXT[schedule.status]],
    ["Type", schedule.jobType],
    ["Queue", schedule.queue],
    ["Priority", schedule.priority],
    ["Max attempts", schedule.maxAttempts],
    ["Misfire", schedule.misfire],
    ["Overlap", schedule.overlap],
    ["Jitter", schedule.jitterMs === 0 ? null : `below ${durationText(schedule.jitterMs)}`],
    ["Starts at", schedule.startsAt],
    ["Ends at", schedule.endsAt],
    ["Declared by code", schedule.declared ? "yes" : "no"],
    ["Next run at", schedule.nextRunAt],
    ["Last run at", schedule.lastRunAt],
    ["Created at", schedule.createdAt],
    ["Updated at", schedule.updatedAt],
  ]);
  return `${entries}\n\n${block("Payload", escapeLines(JSON.stringify(schedule.payload, null, 2)))}`;
}

/** Says what a command did to a schedule, and when the schedule's next tick is. */
export function scheduleChange(verb: string, schedule: Schedule): string {
  return `${verb} schedule ${escapeControl(schedule.name)}; ${nextRunText(schedule)}.`;
}

function nextRunText({ enabled, nextRunAt, status }: Schedule): string {
  if (!enabled) return "it is disabled and does not run";
  if (nextRunAt !== null) return `its next run is at ${instantText(nextRunAt)}`;
  return status === "no-future" ? "it has no further run" : "a scheduler is to compute its next run";
}
