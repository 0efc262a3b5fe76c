// Exports the values that columns may hold, without Drizzle's table builders, which take 100 MB of memory and which a
// worker does not use.
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
export {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  TICK_OUTCOMES,
  type TickOutcome,
} from "./schedule-policy.ts";
export { SCHEMA_NUMBER } from "./schema-number.ts";
