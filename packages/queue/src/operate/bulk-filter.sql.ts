import { FINAL_STATES, type JobState } from "@millrace/schema/values";
import { inState, stateLiteral } from "../job/state-guards.sql.ts";
import type { BulkFilter } from "./bulk.ts";

const COMMON = `($5::text IS NULL OR j.queue = $5) AND ($6::text IS NULL OR j.type = $6)
      AND ($8::timestamptz IS NULL OR j.created_at < $8)`;

/** The condition of a filter on a row of `jobs`: parameters $4 to $9, as `filterValues` gives them. */
export const FITS_JOBS = `(j.state = ANY($4::text[]) AND ${COMMON} AND ($7::uuid IS NULL OR j.schedule_id = $7)
      AND ($9::timestamptz IS NULL OR (${inState(...FINAL_STATES)} AND j.updated_at < $9)))`;

/** The same on a row of `job_history`, where no job has a schedule. */
export const FITS_HISTORY = `(${stateLiteral("completed")} = ANY($4::text[]) AND ${COMMON} AND $7::uuid IS NULL
      AND ($9::timestamptz IS NULL OR j.completed_at < $9))`;

/** The parameters $4 to $9 of a filter. */
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
