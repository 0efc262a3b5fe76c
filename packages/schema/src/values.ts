// Exports the values that columns may hold, without Drizzle's table builders: the builders take 100 MB of memory, and a
// worker needs none.
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
export { DELAY_MS_MAX, INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "./limits.ts";
export {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  TICK_OUTCOMES,
  type TickOutcome,
} from "./schedule-policy.ts";
