import type { Executor } from "@millrace/base";
import { rowToJob } from "../job/row-to-job.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobSearch } from "./job-search.ts";
import { LISTED, lanesOf } from "./list-jobs.sql.ts";
import { lookedJobs } from "./looked-jobs.sql.ts";
import { Parameters } from "./parameters.ts";
import { fitsOf, namedIds } from "./selection.sql.ts";

/** A point in the order in which jobs come due. `at` is the database's own text, which has the microseconds. */
export interface DuePoint {
  at: string;
  id: string;
}

/**
 * Guarantees: reads only. Looks at queued jobs in the order in which they come due, lane by lane: at $2 jobs in all, and
 * at least one of each lane. Returns at most $1 that fit. All jobs up to `next_at` and `next_id` were looked at.
 * Index: waiting_jobs_claim_idx, lane by lane. The lanes are found by a loose scan.
 * No row: never. Without a job that fits, the job's columns are NULL.
 *
 * The look at one lane may end earlier than the look at another. The page ends at the earliest of these points: what
 * was found beyond is found again by the next call.
 */
function statement(condition: string, { among, queue }: { among: string; queue: string }): string {
  const looked = lookedJobs("waiting_jobs", {
    condition,
    among: ` AND j.queue = lanes.queue AND j.priority = lanes.priority${among}`,
    order: "j.run_at, j.id",
    rows: "share.rows",
  });
  return `WITH RECURSIVE ${lanesOf(queue)}, share AS MATERIALIZED (
    SELECT greatest(1, $2::int / greatest(count(*), 1)) AS rows FROM lanes
  ), seen AS MATERIALIZED (
    SELECT lane.*, lanes.queue, lanes.priority, share.rows FROM lanes, share, LATERAL (
      SELECT looked.* FROM ${looked} AS looked
      WHERE looked.fits OR looked.nth = share.rows ORDER BY looked.run_at, looked.id LIMIT $1
    ) AS lane
  ), ended AS (
    SELECT seen.queue, seen.priority FROM seen GROUP BY seen.queue, seen.priority
    HAVING count(*) = $1 OR bool_or(seen.nth = seen.rows)
  ), ends AS MATERIALIZED (
    SELECT lane_end.* FROM ended, LATERAL (
      SELECT seen.run_at, seen.id FROM seen WHERE seen.queue = ended.queue AND seen.priority = ended.priority
      ORDER BY seen.run_at DESC, seen.id DESC LIMIT 1
    ) AS lane_end ORDER BY lane_end.run_at, lane_end.id LIMIT 1
  ), found AS MATERIALIZED (
    SELECT seen.id, seen.run_at, 'waiting_jobs' AS place FROM seen
    WHERE seen.fits AND NOT EXISTS (SELECT FROM ends WHERE (seen.run_at, seen.id) > (ends.run_at, ends.id))
    ORDER BY seen.run_at, seen.id LIMIT $1
  ), last AS (
    (SELECT ends.run_at, ends.id FROM ends)
    UNION ALL
    (SELECT found.run_at, found.id FROM found WHERE (SELECT count(*) FROM found) = $1
     ORDER BY found.run_at DESC, found.id DESC LIMIT 1)
    ORDER BY run_at, id LIMIT 1
  ), ${LISTED}
  SELECT to_json(last.run_at) #>> '{}' AS next_at, last.id AS next_id, listed.*
  FROM (SELECT) AS page LEFT JOIN last ON true LEFT JOIN listed ON true ORDER BY listed.run_at, listed.id`;
}

/** What to search for. */
export interface DueRange {
  filter: JobFilter;
  limit: number;
  rows: number;
  /** Only jobs beyond this point; null: all. */
  after: DuePoint | null;
}

/** Looks at a bounded number of queued jobs, those that are or come due first. */
export async function searchOldestDue(
  db: Executor,
  { filter, limit, rows, after }: DueRange,
): Promise<JobSearch> {
  const parameters = new Parameters(3);
  const { waiting_jobs: condition } = fitsOf({ filter, states: ["queued"] }, parameters);
  if (condition === undefined) return { jobs: [], before: null, lookedBackTo: null };
  const beyond =
    after === null
      ? ""
      : ` AND (j.run_at, j.id) > (${parameters.add(after.at)}::timestamptz, ${parameters.add(after.id)}::uuid)`;
  const among = beyond + namedIds(filter, parameters);
  const queue = filter.queue === undefined ? "true" : `j.queue = ${parameters.add(filter.queue)}::text`;
  const answer = await db.query(statement(condition, { among, queue }), [limit, rows, ...parameters.values]);
  const page = answer.rows as { id: string | null; next_at: string; next_id: string | null }[];
  const [first] = page;
  return {
    jobs: page.filter((row) => row.id !== null).map(rowToJob),
    before: first === undefined || first.next_id === null ? null : `${first.next_at}/${first.next_id}`,
    lookedBackTo: null,
  };
}
