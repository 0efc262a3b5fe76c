import type { z } from "@hono/zod-openapi";
import { describeSchedule, type Schedule } from "@millrace/scheduler";
import type { schedule, scheduleTick } from "../contract/schedule.ts";
import { iso } from "../iso.ts";
import type { TickWithJob } from "../store/read-schedule-ticks.sql.ts";

/** Returns a schedule as the API sends it. `payload` is its text after redaction. */
export function scheduleAnswer(read: Schedule, payload: string): z.infer<typeof schedule> {
  return {
    ...read,
    payload,
    anchor: iso(read.anchor),
    description: descriptionOf(read),
    startsAt: iso(read.startsAt),
    endsAt: iso(read.endsAt),
    warnings: [...read.warnings],
    nextRunAt: iso(read.nextRunAt),
    lastRunAt: iso(read.lastRunAt),
    createdAt: iso(read.createdAt),
    updatedAt: iso(read.updatedAt),
  };
}

/** Returns a tick as the API sends it. */
export function tickAnswer(tick: TickWithJob): z.infer<typeof scheduleTick> {
  const { outcome, jobId, jobState } = tick;
  return {
    tickAt: iso(tick.tickAt),
    outcome,
    jobId,
    jobState,
    recordedAt: iso(tick.recordedAt),
  };
}

/** The words for a cadence. An expression that was written by hand may be none: it stands for itself. */
function descriptionOf(read: Schedule): string {
  try {
    return describeSchedule(read).words;
  } catch {
    return read.cron ?? "";
  }
}
