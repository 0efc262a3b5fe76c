import { checkFields, fieldNames } from "@millrace/base";
import { InvalidOptionError, type JsonValue } from "@millrace/queue";
import { isSchedule, preview, type ScheduleDeclaration } from "@millrace/scheduler";

/** A job that a tick of a schedule would make. */
export interface TickJob {
  /** The instant of the tick. The job is due up to `jitterMs` later. */
  readonly tickAt: Date;
  readonly type: string;
  readonly payload: JsonValue;
  readonly queue: string;
  /** Jobs with a smaller priority run first. */
  readonly priority: number;
  readonly maxAttempts: number;
  /** The most that the job is delayed after its tick, in ms. */
  readonly jitterMs: number;
}

/** Which ticks `tickJobs` returns. */
export interface TickJobsOptions {
  /** The ticks are strictly after this instant. */
  after: Date;
  /** How many ticks, 1 to 1,000. Default 1. */
  count?: number;
}

const FIELDS = fieldNames<TickJobsOptions>({ after: true, count: true });

/**
 * Returns the jobs that the next ticks of a schedule would make, without a database; fewer when the schedule ends. An
 * interval without `anchor` counts from `after`. Throws `InvalidScheduleError` (`INVALID_SCHEDULE`) for a payload that
 * the task refuses, and `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const [job] = await tickJobs(nightlyReport, { after: new Date("2026-03-28T12:00:00Z") });
 * expect(job?.tickAt).toEqual(new Date("2026-03-29T01:00:00Z"));
 */
export async function tickJobs(schedule: ScheduleDeclaration, options: TickJobsOptions): Promise<TickJob[]> {
  checkFields("options", options, FIELDS);
  if (!isSchedule(schedule)) {
    throw new InvalidOptionError("schedule", "a schedule that defineSchedule made", schedule);
  }
  await schedule.checkPayload();
  const { fields } = schedule;
  const { cron, everyMs, timezone, maxRuns } = fields;
  const instant = (text: string | null) => (text === null ? null : new Date(text));
  const window = { startsAt: instant(fields.startsAt), endsAt: instant(fields.endsAt) };
  const previewed = { cron, everyMs, timezone, maxRuns, anchor: instant(fields.anchor), ...window };
  const { ticks } = preview(previewed, { after: options.after, count: options.count ?? 1 });
  return ticks.map(({ tickAt }) => ({
    tickAt,
    type: fields.jobType,
    payload: JSON.parse(fields.payload) as JsonValue,
    queue: fields.queue,
    priority: fields.priority,
    maxAttempts: fields.maxAttempts,
    jitterMs: fields.jitterMs,
  }));
}
