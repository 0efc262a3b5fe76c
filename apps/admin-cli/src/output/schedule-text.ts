import type { Schedule } from "@millrace/scheduler";
import { escapeControl, escapeLines } from "./escape-control.ts";
import { block, fields, instantText, table } from "./table.ts";

/** Schedules for people, one a row. */
export function schedulesTable(schedules: readonly Schedule[]): string {
  if (schedules.length === 0) return "No schedules.";
  return table(
    ["NAME", "CRON", "TIMEZONE", "TYPE", "ENABLED", "NEXT RUN AT", "LAST RUN AT"],
    schedules.map((schedule) => [
      schedule.name,
      schedule.cron,
      schedule.timezone,
      schedule.jobType,
      schedule.enabled ? "yes" : "no",
      schedule.nextRunAt,
      schedule.lastRunAt,
    ]),
  );
}

/** One schedule for people. */
export function scheduleText(schedule: Schedule): string {
  const entries = fields([
    ["Name", schedule.name],
    ["Id", schedule.id],
    ["Cron", schedule.cron],
    ["Timezone", schedule.timezone],
    ["Enabled", schedule.enabled ? "yes" : "no"],
    ["Type", schedule.jobType],
    ["Queue", schedule.queue],
    ["Priority", schedule.priority],
    ["Max attempts", schedule.maxAttempts],
    ["Misfire", schedule.misfire],
    ["Overlap", schedule.overlap],
    ["Next run at", schedule.nextRunAt],
    ["Last run at", schedule.lastRunAt],
    ["Created at", schedule.createdAt],
    ["Updated at", schedule.updatedAt],
  ]);
  return `${entries}\n\n${block("Payload", escapeLines(JSON.stringify(schedule.payload, null, 2)))}`;
}

/** What was done to a schedule, and when it fires next. */
export function scheduleChange(verb: string, { name, enabled, nextRunAt }: Schedule): string {
  const next = enabled
    ? nextRunAt === null
      ? "a scheduler is to compute its next run"
      : `its next run is at ${instantText(nextRunAt)}`
    : "it is disabled and does not run";
  return `${verb} schedule ${escapeControl(name)}; ${next}.`;
}
