import type { Executor } from "@millrace/base";
import { JOB_STATES } from "@millrace/schema/values";
import { type Bound, boundedJobs, notCompleted, runningJobs } from "./bounded-jobs.sql.ts";
import { fewTagged } from "./estimate-tagged.sql.ts";
import type { JobSelection } from "./job-selection.ts";
import { Parameters } from "./parameters.ts";
import type { CappedCount } from "./queue-depth.ts";
import { fitsOf, idRange, type JobPlace, namedIds } from "./selection.sql.ts";

/** How many jobs are read: one job more than is looked at tells whether there are more. */
const ROWS = "$2::bigint + 1";

/** How many jobs of a place fit, up to $1 + 1, and whether the place has more than $2 jobs to look at. */
const countIn = (looked: string) => `
    SELECT count(*) FILTER (WHERE counted.nth <= $2) AS jobs,
           coalesce(bool_or(counted.nth > $2), false) AS more
    FROM (
      SELECT looked.nth FROM ${looked} AS looked WHERE looked.fits OR looked.nth > $2 LIMIT $1::bigint + 1
    ) AS counted`;

/**
 * Guarantees: reads only. Looks at no more than $2 + 1 jobs of waiting_jobs and of ended_jobs, and stops at $1 + 1 jobs
 * that fit. Counts each job once, even if jobs move during the statement.
 * Index: the primary keys of waiting_jobs and ended_jobs, or ended_jobs_not_completed_idx, backward; for the waiting
 * jobs of a queue waiting_jobs_claim_idx; for tags that few jobs have, waiting_jobs_tags_idx and ended_jobs_tags_idx.
 * Reads all claims, and unpacks what the conditions need.
 * No row: never.
 */
const statement = (counts: readonly string[]) => `
  SELECT least(sum(each.jobs), $1::bigint)::float8 AS count, sum(each.jobs) > $1::bigint OR bool_or(each.more) AS capped
  FROM (${counts.join(" UNION ALL ")}) AS each`;

/** What to count, and how far. */
export interface CountRange {
  filter: JobSelection;
  max: number;
  /** How many jobs of each table to look at. */
  rows: number;
}

/** Counts the jobs that fit. */
export async function countFound(db: Executor, { filter, max, rows }: CountRange): Promise<CappedCount> {
  const parameters = new Parameters(3);
  const fits = fitsOf({ filter, states: JOB_STATES }, parameters);
  const places = Object.entries(fits) as [JobPlace, string][];
  if (places.length === 0) return { count: 0, capped: false };
  const among = namedIds(filter, parameters) + idRange(filter, parameters);
  const tagged = await fewTagged(db, filter, { fits, rows, parameters });
  const relations: Record<JobPlace, (condition: string) => string> = {
    waiting_jobs: (condition) => {
      const named = among + tagged.waiting_jobs;
      const path =
        named === "" && filter.queue !== undefined
          ? ofQueue(filter.queue, parameters)
          : { among: named, order: "j.id DESC" };
      return boundedJobs("waiting_jobs", { condition, rows: ROWS, ...path });
    },
    running_jobs: (condition) => runningJobs({ condition, among }),
    ended_jobs: (condition) =>
      boundedJobs("ended_jobs", {
        condition,
        rows: ROWS,
        among: among + tagged.ended_jobs + notCompleted(filter),
        order: "j.id DESC",
      }),
  };
  const counts = places.map(([place, condition]) => countIn(relations[place](condition)));
  const answer = await db.query(statement(counts), [max, rows, ...parameters.values]);
  const [row] = answer.rows as CappedCount[];
  return { count: row?.count ?? 0, capped: row?.capped ?? false };
}

function ofQueue(queue: string, parameters: Parameters): Pick<Bound, "among" | "order"> {
  return { among: ` AND j.queue = ${parameters.add(queue)}::text`, order: "j.priority, j.run_at, j.id" };
}
