export { millraceSchema } from "../columns.ts";
export { type JobAttemptRow, jobAttempts } from "./job-attempts.ts";
export { allJobs, jobHistory } from "./job-history.ts";
export { type JobQueueRow, jobQueues } from "./job-queues.ts";
export { type JobScheduleTickRow, jobScheduleTicks } from "./job-schedule-ticks.ts";
export { type JobScheduleRow, jobSchedules } from "./job-schedules.ts";
export { type JobRow, jobs } from "./jobs.ts";
export { type WorkerRow, workers } from "./workers.ts";
