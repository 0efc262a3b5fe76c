import type { Schedule, ScheduleStatus, ScheduleTick } from "@millrace/scheduler";
import { durationText } from "./duration-text.ts";
import { escapeControl, escapeLines } from "./escape-control.ts";
import { instantText } from "./instant-text.ts";
import { fullWhenText } from "./relative-text.ts";
import { shortId } from "./short-id.ts";
import { block, type Cell, cut, fields, table } from "./table.ts";
import { type Paint, paint, type View } from "./view.ts";

const STATUS_PAINTS: Record<ScheduleStatus, Paint> = {
  ready: "good",
  "no-handler": "warning",
  "no-future": "faint",
  ended: "faint",
  invalid: "bad",
  disabled: "faint",
};

/** Formats schedules for people: a table with one schedule in each row. */
export function schedulesTable(view: View, schedules: readonly Schedule[]): string {
  if (schedules.length === 0) return "No schedules.";
  return table(
    view,
    [cut("NAME"), cut("RUNS"), cut("TIMEZONE"), cut("TYPE"), "STATUS", "NEXT", "LAST"],
    schedules.map((schedule) => [
      schedule.name,
      cadenceText(schedule),
      schedule.everyMs === null ? schedule.timezone : null,
      schedule.jobType,
      statusCell(schedule.status),
      schedule.nextRunAt,
      schedule.lastRunAt,
    ]),
  );
}

function statusCell(status: ScheduleStatus): Cell {
  return { value: status, paint: STATUS_PAINTS[status] };
}

/** When a schedule ticks: its expression, or its interval as `every 1m 30s`. */
export function cadenceText({ cron, everyMs }: Pick<Schedule, "cron" | "everyMs">): string {
  return everyMs === null ? (cron ?? "") : `every ${durationText(everyMs)}`;
}

/** Formats a schedule's last ticks and their outcomes for people, in the order given. */
export function ticksTable(view: View, ticks: readonly ScheduleTick[]): string {
  if (ticks.length === 0) return "No ticks.";
  return table(
    view,
    ["TICK AT", "OUTCOME", "JOB", "RECORDED"],
    ticks.map((tick) => [
      instantText(tick.tickAt),
      tick.outcome,
      tick.jobId === null ? null : shortId(tick.jobId),
      tick.recordedAt,
    ]),
  );
}

const STATUS_TEXT: Readonly<Record<ScheduleStatus, string>> = {
  ready: "ready",
  "no-handler": "no-handler: no worker seen in the last minute has a task for its jobs",
  "no-future": "no-future: it has no further tick",
  ended: "ended: it has made all its jobs",
  invalid: "invalid: its expression or time zone cannot be read",
  disabled: "disabled",
};

/** Formats one schedule for people. */
export function scheduleText(view: View, schedule: Schedule): string {
  const { everyMs } = schedule;
  const entries = fields(view, [
    ["Name", schedule.name],
    ["Id", schedule.id],
    everyMs === null ? ["Cron", schedule.cron] : ["Every", durationText(everyMs)],
    everyMs === null ? ["Timezone", schedule.timezone] : ["Anchor", schedule.anchor],
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
    ["Runs", schedule.maxRuns === null ? schedule.runs : `${schedule.runs} of ${schedule.maxRuns}`],
    ["Declared by code", schedule.declared ? "yes" : "no"],
    ["Next run at", schedule.nextRunAt],
    ["Last run at", schedule.lastRunAt],
    ["Created at", schedule.createdAt],
    ["Updated at", schedule.updatedAt],
  ]);
  return [
    entries,
    block("Payload", escapeLines(JSON.stringify(schedule.payload, null, 2))),
    ...warningLines(view, schedule.warnings),
  ].join("\n\n");
}

/** Says what a command did to a schedule, when the schedule's next tick is, and what the person should know. */
export function scheduleChange(view: View, verb: string, schedule: Schedule): string {
  const said = `${verb} schedule ${escapeControl(schedule.name)}; ${nextRunText(view, schedule)}.`;
  return [said, ...warningLines(view, schedule.warnings)].join("\n");
}

/** Formats warnings for people, one in each line. */
export function warningLines(view: View, warnings: readonly string[]): string[] {
  return warnings.map((warning) => `${paint(view, "warning", "Warning:")} ${escapeControl(warning)}`);
}

function nextRunText(view: View, { enabled, nextRunAt, status }: Schedule): string {
  if (!enabled) return "it is disabled and does not run";
  if (nextRunAt !== null) return `its next run is at ${fullWhenText(view, nextRunAt)}`;
  return status === "no-future" ? "it has no further run" : "a scheduler is to compute its next run";
}
