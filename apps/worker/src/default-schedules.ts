import { DEFAULT_QUEUE } from "@millrace/queue";
import type { NewSchedule } from "@millrace/scheduler";

/**
 * The schedules that each database has from the first start of a worker. A schedule that exists stays as its operator
 * left it. To be rid of one, disable it: a deleted one comes back at the next start. They are not declared as code's
 * own schedules are, because their queue depends on the worker: two with different queues would undo each other's.
 */
export function defaultSchedules(queues: readonly string[]): NewSchedule[] {
  // Every worker has the built-in tasks, so any queue that is served will do.
  const queue = queues.includes(DEFAULT_QUEUE) ? DEFAULT_QUEUE : (queues[0] ?? DEFAULT_QUEUE);
  return [{ name: "millrace.jobs-prune", jobType: "jobs.prune", cron: "17 3 * * *", queue, overlap: "skip" }];
}
