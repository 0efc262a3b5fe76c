import type { Schedule } from "@millrace/scheduler";

/** A schedule in JSON output. The keys are documented and stay; later releases may add keys. */
export function scheduleJson(schedule: Schedule) {
  return {
    id: schedule.id,
    name: schedule.name,
    cron: schedule.cron,
    everyMs: schedule.everyMs,
    anchor: schedule.anchor,
    timezone: schedule.timezone,
    enabled: schedule.enabled,
    jobType: schedule.jobType,
    queue: schedule.queue,
    payload: schedule.payload,
    priority: schedule.priority,
    maxAttempts: schedule.maxAttempts,
    misfire: schedule.misfire,
    overlap: schedule.overlap,
    jitterMs: schedule.jitterMs,
    startsAt: schedule.startsAt,
    endsAt: schedule.endsAt,
    maxRuns: schedule.maxRuns,
    runs: schedule.runs,
    declared: schedule.declared,
    status: schedule.status,
    nextRunAt: schedule.nextRunAt,
    lastRunAt: schedule.lastRunAt,
    createdAt: schedule.createdAt,
    updatedAt: schedule.updatedAt,
    warnings: schedule.warnings,
  };
}
