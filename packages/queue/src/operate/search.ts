import {
  checkFields,
  type Executor,
  fieldNames,
  InvalidOptionError,
  integerIn,
  isUuid,
} from "@millrace/base";
import { JobNotFoundError } from "../errors.ts";
import { checkListFilter, type JobFilter } from "./job-filter.ts";
import type { JobSearch, SearchOptions } from "./job-search.ts";
import { dueAt } from "./list-jobs.sql.ts";
import { searchNewest } from "./search-newest.sql.ts";
import { type DuePoint, searchOldestDue } from "./search-oldest-due.sql.ts";

const FIELDS = fieldNames<SearchOptions>({ rows: true, json: true });

/** A point in the order `oldest-due`, as text: when a job is due, as JSON has it, and the job's id. */
const POINT = /^(-?infinity|\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d(?::\d\d)?)\/(.{36})$/;

/** Looks at a bounded number of jobs, and returns those that fit. Throws `InvalidOptionError`, `JobNotFoundError`. */
export async function search(db: Executor, filter: JobFilter, options: SearchOptions): Promise<JobSearch> {
  checkFields("options", options, FIELDS);
  const rows = integerIn("rows", options.rows ?? 20_000, [1, 1_000_000]);
  const { json = true } = options;
  if (typeof json !== "boolean") throw new InvalidOptionError("json", "true or false", json);
  if (filter?.order !== "oldest-due") {
    return searchNewest(db, { filter, limit: checkListFilter(filter), rows, json });
  }
  const limit = checkListFilter(filter, pointOf);
  const after = filter.before === undefined ? null : await pointAt(db, filter.before);
  return searchOldestDue(db, { filter, limit, rows, json, after });
}

async function pointAt(db: Executor, before: string): Promise<DuePoint> {
  const point = pointOf("before", before);
  if (typeof point !== "string") return point;
  const at = await dueAt(db, point);
  if (at === null) throw new JobNotFoundError(point);
  return { at, id: point };
}

/** Reads where a page begins: the `before` of an earlier page, or the id of a job. Throws `InvalidOptionError`. */
function pointOf(option: string, before: unknown): DuePoint | string {
  if (typeof before === "string") {
    if (isUuid(before)) return before;
    const [, at, id] = POINT.exec(before) ?? [];
    if (at !== undefined && id !== undefined && isUuid(id) && isInstant(at)) return { at, id };
  }
  throw new InvalidOptionError(option, "the `before` of an earlier page, or an id (a UUID)", before);
}

function isInstant(at: string): boolean {
  return !/^\d{4}-/.test(at) || !Number.isNaN(Date.parse(at));
}
