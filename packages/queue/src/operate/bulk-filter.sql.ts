import type { JobState } from "@millrace/schema/values";
import type { BulkFilter } from "./bulk.ts";
import type { WalkedPlace } from "./walk-step.sql.ts";

const COMMON = `($5::text IS NULL OR j.queue = $5) AND ($6::text IS NULL OR j.type = $6)
      AND ($7::uuid IS NULL OR j.schedule_id = $7) AND ($8::timestamptz IS NULL OR j.created_at < $8)`;

const unfinished = (state: JobState) =>
  `('${state}' = ANY($4::text[]) AND ${COMMON} AND $9::timestamptz IS NULL)`;

/** For each place: the SQL condition that a job `j` fits a filter. `filterValues` returns its parameters $4 to $9. */
export const FITS: Record<WalkedPlace, string> = {
  waiting_jobs: unfinished("queued"),
  running_jobs: unfinished("running"),
  ended_jobs: `(j.state = ANY($4::text[]) AND ${COMMON} AND ($9::timestamptz IS NULL OR j.ended_at < $9))`,
};

/** Returns the parameters $4 to $9 for a filter. */
export function filterValues(filter: BulkFilter, states: readonly JobState[]): unknown[] {
  return [
    states,
    filter.queue ?? null,
    filter.type ?? null,
    filter.scheduleId ?? null,
    filter.createdBefore?.toISOString() ?? null,
    filter.finishedBefore?.toISOString() ?? null,
  ];
}
