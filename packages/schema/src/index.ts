export {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  FINAL_STATES,
  type FinalState,
  JOB_STATES,
  type JobState,
} from "./job-state.ts";
export { type MigrateResult, MigrationError, migrate, migrationsHash } from "./migrate.ts";
export {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
} from "./schedule-policy.ts";
export {
  allJobs,
  type JobAttemptRow,
  type JobRow,
  type JobScheduleRow,
  jobAttempts,
  jobHistory,
  jobSchedules,
  jobs,
  millraceSchema,
} from "./tables/index.ts";
