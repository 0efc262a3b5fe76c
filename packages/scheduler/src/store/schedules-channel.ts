/** The channel on which a change of a schedule wakes the schedulers of other processes. */
export const SCHEDULES_CHANNEL = "millrace_schedules";

/**
 * Wraps a statement that writes one schedule and returns its columns.
 * The commit wakes the schedulers, unless the statement wrote no row.
 */
export function notifying(statement: string): string {
  return `WITH written AS (${statement}) SELECT written.*, pg_notify('${SCHEDULES_CHANNEL}', '') FROM written`;
}
