import type { Executor } from "@millrace/base";
import { rowToJob } from "../job/row-to-job.ts";
import { boundedJobs } from "./bounded-jobs.sql.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobSearch } from "./job-search.ts";
import { lanesOf, listedJobs } from "./list-jobs.sql.ts";
import { Parameters } from "./parameters.ts";
import { fitsOf, namedIds } from "./selection.sql.ts";

/** A point in the order in which jobs come due. `at` is the database's own text, which has the microseconds. */
export interface DuePoint {
  at: string;
  id: string;
}

/**
 * Guarantees: reads only.
 * Index: waiting_jobs_claim_idx: finds the lanes by a loose scan.
 * No row: never.
 */
const laneCount = (queue: string) => `
  WITH RECURSIVE ${lanesOf(queue)} SELECT count(*)::float8 AS lanes FROM lanes`;

/**
 * Guarantees: reads only. Looks at queued jobs in the order in which they come due, lane by lane, at $2 jobs of each
 * lane. Returns at most $1 that fit. All jobs up to `next_at` and `next_id` were looked at.
 * Index: waiting_jobs_claim_idx, lane by lane. The lanes are found by a loose scan.
 * No row: never. Without a job that fits, the job's columns are NULL.
 *
 * The reading of one lane may end earlier than that of another. The page ends at the earliest of these points: what was
 * found beyond is found again by the next call.
 */
function statement(
  condition: string,
  { among, queue, json }: { among: string; queue: string; json: boolean },
): string {
  const looked = boundedJobs("waiting_jobs", {
    condition,
    among: ` AND j.queue = lanes.queue AND j.priority = lanes.priority${among}`,
    order: "j.run_at, j.id",
    keeps: "seen.run_at, seen.id",
    rows: "$2::bigint",
  });
  return `WITH RECURSIVE ${lanesOf(queue)}, seen AS MATERIALIZED (
    SELECT lane.*, lanes.queue, lanes.priority FROM lanes, LATERAL (
      SELECT looked.* FROM ${looked} AS looked
      WHERE looked.fits OR looked.nth = $2 ORDER BY looked.run_at, looked.id LIMIT $1
    ) AS lane
  ), ends AS MATERIALIZED (
    SELECT lane.run_at, lane.id FROM (
      SELECT DISTINCT ON (seen.queue, seen.priority) seen.run_at, seen.id,
             seen.nth = $2 OR count(*) OVER (PARTITION BY seen.queue, seen.priority) = $1 AS is_cut
      FROM seen ORDER BY seen.queue, seen.priority, seen.run_at DESC, seen.id DESC
    ) AS lane WHERE lane.is_cut ORDER BY lane.run_at, lane.id LIMIT 1
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
  ), ${listedJobs({ json })}
  SELECT to_json(last.run_at) #>> '{}' AS next_at, last.id AS next_id, listed.*
  FROM (SELECT) AS page LEFT JOIN last ON true LEFT JOIN listed ON true ORDER BY listed.run_at, listed.id`;
}

/** What to search for. */
export interface DueRange {
  filter: JobFilter;
  limit: number;
  rows: number;
  /** Whether to read payloads, outputs and progresses. */
  json: boolean;
  /** Only jobs beyond this point; null: all. */
  after: DuePoint | null;
}

/** Looks at a bounded number of queued jobs, those that are or come due first. */
export async function searchOldestDue(
  db: Executor,
  { filter, limit, rows, json, after }: DueRange,
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
  const each = Math.max(1, Math.floor(rows / (await countLanes(db, filter.queue))));
  const answer = await db.query(statement(condition, { among, queue, json }), [
    limit,
    each,
    ...parameters.values,
  ]);
  const page = answer.rows as { id: string | null; next_at: string; next_id: string | null }[];
  const [first] = page;
  return {
    jobs: page.filter((row) => row.id !== null).map(rowToJob),
    before: first === undefined || first.next_id === null ? null : `${first.next_at}/${first.next_id}`,
    lookedBackTo: null,
  };
}

/**
 * Counts the lanes first, so that the search knows how many jobs of each to read: without the number, PostgreSQL
 * expects to read a tenth of all jobs, and compiles the statement, which takes longer than the search.
 */
async function countLanes(db: Executor, queue: string | undefined): Promise<number> {
  const { rows } = await db.query(
    laneCount(queue === undefined ? "true" : "j.queue = $1"),
    queue === undefined ? [] : [queue],
  );
  return Math.max(1, (rows as { lanes: number }[])[0]?.lanes ?? 1);
}
