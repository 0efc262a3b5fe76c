import type { Executor } from "@millrace/queue";
import { nextRunText } from "./schedule-columns.ts";

/**
 * Guarantees: a schedule advances only while it is enabled and its next_run_at is the very value that was read. So only
 * one scheduler advances the schedule, and only this scheduler fires its ticks and counts them.
 * Index: the primary key.
 * No row: the schedule was disabled, deleted or advanced since the read, and must not fire.
 */
const ADVANCE = `
  UPDATE millrace.job_schedules AS s
  SET next_run_at = a.next_run_at, last_run_at = coalesce(a.last_run_at, s.last_run_at), runs = s.runs + a.fired,
      updated_at = now()
  FROM unnest($1::uuid[], $2::numeric[], $3::timestamptz[], $4::timestamptz[], $5::int[])
    AS a(id, next_run_read, next_run_at, last_run_at, fired)
  WHERE s.id = a.id AND s.enabled AND extract(epoch FROM s.next_run_at) IS NOT DISTINCT FROM a.next_run_read
  RETURNING s.id`;

/** How a schedule advances. */
export interface Advance {
  id: string;
  /** The value that `lockDueSchedules` read. */
  nextRunRead: string | null;
  /** The next tick. Null: the schedule has no further tick. */
  nextRunAt: Date | null;
  /** The latest tick that is accounted for. Null leaves `last_run_at` as it is. */
  lastRunAt: Date | null;
  /** How many ticks fire. */
  fired: number;
}

/** Advances schedules. Returns the ids of the schedules that advanced: only these may fire. */
export async function advanceSchedules(db: Executor, advances: readonly Advance[]): Promise<Set<string>> {
  const { rows } = await db.query(ADVANCE, [
    advances.map((advance) => advance.id),
    advances.map((advance) => advance.nextRunRead),
    advances.map((advance) => nextRunText(advance.nextRunAt)),
    advances.map((advance) => advance.lastRunAt?.toISOString() ?? null),
    advances.map((advance) => advance.fired),
  ]);
  return new Set((rows as { id: string }[]).map((row) => row.id));
}
