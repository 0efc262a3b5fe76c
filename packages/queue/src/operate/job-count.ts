import { checkFields, type Executor, fieldNames, integerIn } from "@millrace/base";
import { notCompleted } from "./bounded-jobs.sql.ts";
import { countFound } from "./count-found.sql.ts";
import { checkSelection, filterFields, type JobSelection } from "./job-selection.ts";
import type { CappedCount } from "./queue-depth.ts";

/** The options of `count`. */
export interface CountOptions {
  /** How far to count, 1 to 1,000,000. Default 10,000. */
  max?: number;
  /**
   * How many ended jobs to look at, and how many waiting jobs, 1 to 1,000,000. Default 200,000. For failed or canceled
   * jobs 40,000: these lie far apart among the completed ones.
   */
  rows?: number;
}

const ROWS = 200_000;
const ROWS_OF_NOT_COMPLETED = 40_000;

const OPTION_FIELDS = fieldNames<CountOptions>({ max: true, rows: true });

const FILTER_FIELDS = filterFields<JobSelection>({});

/** Counts the jobs that fit a filter, up to a limit. Throws `InvalidOptionError`. */
export async function count(db: Executor, filter: JobSelection, options: CountOptions): Promise<CappedCount> {
  checkSelection(filter, FILTER_FIELDS);
  checkFields("options", options, OPTION_FIELDS);
  const rows = notCompleted(filter) === "" ? ROWS : ROWS_OF_NOT_COMPLETED;
  return countFound(db, {
    filter,
    max: integerIn("max", options.max ?? 10_000, [1, 1_000_000]),
    rows: integerIn("rows", options.rows ?? rows, [1, 1_000_000]),
  });
}
