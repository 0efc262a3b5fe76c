import type { Executor } from "@millrace/base";
import { JOB_STATES } from "@millrace/schema/values";
import { rowToJob, toDate } from "../job/row-to-job.ts";
import { boundedJobs, notCompleted, runningJobs } from "./bounded-jobs.sql.ts";
import { fewTagged } from "./estimate-tagged.sql.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobSearch } from "./job-search.ts";
import { listedJobs } from "./list-jobs.sql.ts";
import { Parameters } from "./parameters.ts";
import { type Fits, fitsOf, idRange, type JobPlace, namedIds } from "./selection.sql.ts";

/** Of the jobs of a place that were looked at: the first $1 that fit, and job number $2, where the reading ends. */
const foundIn = (place: string, looked: string) => `found_${place} AS MATERIALIZED (
    SELECT looked.*, '${place}' AS place FROM ${looked} AS looked
    WHERE looked.fits OR looked.nth = $2 ORDER BY looked.id DESC LIMIT $1
  )`;

/**
 * The id at which the reading of a place ended: nobody looked at the place's jobs with smaller ids. No row: every job
 * of the place was looked at.
 */
const endOf = (place: string) => `
    (SELECT f.id, f.created_at FROM found_${place} f
     WHERE (SELECT count(*) = $1 OR coalesce(bool_or(nth = $2), false) FROM found_${place}) ORDER BY f.id LIMIT 1)`;

/**
 * Guarantees: reads only. Looks at jobs from greater ids to smaller ones, at most $2 of waiting_jobs and of ended_jobs,
 * and returns at most $1 that fit. All jobs with ids from `next_id` on were looked at, in whichever place they are.
 * Index: the primary keys of waiting_jobs and ended_jobs, or ended_jobs_not_completed_idx, backward; for tags that few
 * jobs have, waiting_jobs_tags_idx and ended_jobs_tags_idx. Reads all claims, and unpacks what the conditions need.
 * No row: never. Without a job that fits, the job's columns are NULL.
 *
 * The reading of one place may end at a greater id than that of another. The page ends at the greatest of these ids:
 * what was found below is found again by the next call.
 */
function statement(fits: Fits, among: Record<JobPlace, string>, json: boolean): string {
  const places = Object.entries(fits) as [JobPlace, string][];
  const found = places.map(([place, condition]) => {
    const order = { order: "j.id DESC", keeps: "seen.id DESC" };
    const bound = { condition, among: among[place], ...order, rows: "$2" };
    return foundIn(place, place === "running_jobs" ? runningJobs(bound) : boundedJobs(place, bound));
  });
  return `WITH ${found.join(", ")}, ends AS MATERIALIZED (
    SELECT * FROM (${places.map(([place]) => endOf(place)).join(" UNION ALL ")}
    ) AS each ORDER BY id DESC LIMIT 1
  ), found AS MATERIALIZED (
    SELECT * FROM (${places.map(([place]) => `SELECT * FROM found_${place}`).join(" UNION ALL ")}) AS each
    WHERE fits AND NOT id < ANY(SELECT ends.id FROM ends) ORDER BY id DESC LIMIT $1
  ), last AS (
    (SELECT ends.id, ends.created_at FROM ends)
    UNION ALL
    (SELECT found.id, found.created_at FROM found WHERE (SELECT count(*) FROM found) = $1 ORDER BY found.id LIMIT 1)
    ORDER BY id DESC LIMIT 1
  ), ${listedJobs({ json })}
  SELECT last.id AS next_id, last.created_at AS back_to, listed.*
  FROM (SELECT) AS page LEFT JOIN last ON true LEFT JOIN listed ON true ORDER BY listed.id DESC`;
}

/** What to search for. */
export interface NewestRange {
  filter: JobFilter;
  limit: number;
  rows: number;
  /** Whether to read payloads, outputs and progresses. */
  json: boolean;
}

/** Looks at a bounded number of jobs, the newest first. */
export async function searchNewest(
  db: Executor,
  { filter, limit, rows, json }: NewestRange,
): Promise<JobSearch> {
  const parameters = new Parameters(3);
  const fits = fitsOf({ filter, states: JOB_STATES }, parameters);
  if (Object.keys(fits).length === 0) return { jobs: [], before: null, lookedBackTo: null };
  const before = filter.before === undefined ? "" : ` AND j.id < ${parameters.add(filter.before)}::uuid`;
  const among = before + namedIds(filter, parameters) + idRange(filter, parameters);
  const tagged = await fewTagged(db, filter, { fits, rows, parameters });
  const text = statement(
    fits,
    {
      waiting_jobs: among + tagged.waiting_jobs,
      running_jobs: among,
      ended_jobs: among + tagged.ended_jobs + notCompleted(filter),
    },
    json,
  );
  const answer = await db.query(text, [limit, rows, ...parameters.values]);
  const page = answer.rows as { id: string | null; next_id: string | null; back_to: unknown }[];
  return {
    jobs: page.filter((row) => row.id !== null).map(rowToJob),
    before: page[0]?.next_id ?? null,
    lookedBackTo: toDate(page[0]?.back_to),
  };
}
