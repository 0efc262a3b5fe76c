import { DEFAULT_QUEUE } from "@millrace/queue";
import type { NewSchedule } from "@millrace/scheduler";

/**
 * The schedules that a worker creates at its start. A worker leaves an existing schedule as the operator left the
 * schedule, and creates a deleted schedule again: disable a schedule instead.
 *
 * These schedules are not declared in code, because their queue depends on the worker: two workers with different
 * queues would overwrite each other's declarations.
 */
export function defaultSchedules(queues: readonly string[]): NewSchedule[] {
  // Every worker has the built-in tasks, so any queue of this worker runs the job.
  const queue = queues.includes(DEFAULT_QUEUE) ? DEFAULT_QUEUE : (queues[0] ?? DEFAULT_QUEUE);
  return [{ name: "millrace.jobs-prune", jobType: "jobs.prune", cron: "17 3 * * *", queue, overlap: "skip" }];
}
