export type { MigrateOptions, MigrateResult } from "./apply-migrations.sql.ts";
export type { BackoffSettings, DeadLetter, JobSettings, QueueSettings } from "./job-settings.ts";
export {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  FINAL_STATES,
  type FinalState,
  JOB_STATES,
  type JobState,
} from "./job-state.ts";
export { KEY_SCOPES, type KeyScope } from "./key-scope.ts";
export { DELAY_MS_MAX, INTEGER_MAX, PAYLOAD_BYTES_MAX, PRIORITY_MAX, PRIORITY_MIN } from "./limits.ts";
export { MigrationError, migrate, migrationsHash } from "./migrate.ts";
export { migrateRoles, RolesError, type RolesResult } from "./role/migrate-roles.ts";
export { rolesScript } from "./role/role-grants.sql.ts";
export { MILLRACE_ROLES, type MillraceRole } from "./role/role-rights.ts";
export {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  TICK_OUTCOMES,
  type TickOutcome,
} from "./schedule-policy.ts";
export { readSchemaVersion, type SchemaVersion } from "./schema-version.sql.ts";
export { schemaVersionText } from "./schema-version-text.ts";
export {
  type AuditLogRow,
  auditEntries,
  auditLog,
  cancelRequests,
  claims,
  endedJobs,
  type JobAttemptRow,
  type JobQueueRow,
  type JobRow,
  type JobScheduleRow,
  type JobScheduleTickRow,
  jobAttempts,
  jobKeys,
  jobPayloads,
  jobQueues,
  jobSchedules,
  jobScheduleTicks,
  jobs,
  jobWaits,
  millraceSchema,
  queueMinutes,
  runningJobs,
  scheduleEntries,
  viewRefreshes,
  type WorkerRow,
  waitingJobs,
  workers,
} from "./tables/index.ts";
export { WorkersAliveError, workerText } from "./upgrade/check-workers.ts";
export type { LivingWorker } from "./upgrade/living-workers.sql.ts";
export { MIGRATION_RULES, type MigrationRule } from "./upgrade/migration-rules.ts";
export {
  type MigrationStatus,
  type PendingMigration,
  readMigrationStatus,
} from "./upgrade/migration-status.ts";
