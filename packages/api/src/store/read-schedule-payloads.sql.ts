import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads only. A payload of more than $2 bytes is left out.
 * Index: the primary key of job_schedules.
 * No row: none of the given schedules exists, or all their payloads are too long.
 */
const READ = `
  SELECT s.id, s.payload::text AS payload FROM millrace.job_schedules s
  WHERE s.id = ANY($1::uuid[]) AND octet_length(s.payload::text) <= $2`;

/** Reads the payloads of schedules as PostgreSQL's text, in which no number is rounded, by the schedule's id. */
export async function readSchedulePayloads(
  db: Executor,
  scheduleIds: readonly string[],
  bytesMax: number,
): Promise<Map<string, string>> {
  const { rows } = await db.query(READ, [scheduleIds, bytesMax]);
  return new Map((rows as { id: string; payload: string }[]).map((row) => [row.id, row.payload]));
}
