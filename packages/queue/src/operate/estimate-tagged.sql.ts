import type { Executor } from "@millrace/base";
import type { JobSelection } from "./job-selection.ts";
import { Parameters } from "./parameters.ts";
import { type Fits, type JobPlace, taggedWith } from "./selection.sql.ts";

type Table = Exclude<JobPlace, "running_jobs">;

/** Up to so many jobs, it is cheaper to find the jobs by the index on tags than to look at jobs in the order of ids. */
const FEW = 20_000;

/**
 * Guarantees: reads no job. Tells how many jobs PostgreSQL expects to have the tags, from its statistics.
 * Index: waiting_jobs_tags_idx and ended_jobs_tags_idx, of which only the statistics are read.
 * No row: never.
 */
const estimate = (table: Table, condition: string) =>
  `EXPLAIN (FORMAT JSON) SELECT FROM millrace.${table} j WHERE ${condition}`;

/**
 * The condition on the tags, as ` AND ...`, for the tables where at most `rows` jobs have them: there the index on tags
 * finds the jobs, wherever they are. Empty for the other tables, for places that are not read, and without tags. Adds
 * the parameters that the conditions need.
 */
export async function fewTagged(
  db: Executor,
  { tags }: Pick<JobSelection, "tags">,
  { fits, rows, parameters }: { fits: Fits; rows: number; parameters: Parameters },
): Promise<Record<Table, string>> {
  const conditions = { waiting_jobs: "", ended_jobs: "" };
  if (tags === undefined) return conditions;
  for (const table of ["waiting_jobs", "ended_jobs"] as const) {
    if (fits[table] === undefined) continue;
    const own = new Parameters(1);
    const condition = taggedWith(tags, own);
    const expected = await expectedRows(db, estimate(table, condition), own.values);
    if (expected <= Math.min(rows, FEW)) conditions[table] = ` AND ${taggedWith(tags, parameters)}`;
  }
  return conditions;
}

async function expectedRows(db: Executor, text: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query(text, [...values]);
  const answer = (rows as { "QUERY PLAN": unknown }[])[0]?.["QUERY PLAN"];
  // A driver gives JSON as text or as a value.
  const plans = (typeof answer === "string" ? JSON.parse(answer) : answer) as {
    Plan: { "Plan Rows": number };
  }[];
  return plans[0]?.Plan["Plan Rows"] ?? Number.POSITIVE_INFINITY;
}
