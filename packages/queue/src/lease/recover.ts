import { checkFields, type Executor, fieldNames, integerIn } from "@millrace/base";
import { type RecoverResult, recoverJobs } from "./recover-jobs.sql.ts";

/** A job that crashed more often than this fails: enough for a bad deploy, too few for a job that kills workers. */
export const DEFAULT_MAX_CRASHES = 5;

/** How recovery treats runs whose lease ran out. */
export interface RecoverOptions {
  /** A job that crashed more often than this fails. Default 5. */
  maxCrashes?: number;
  /** Once so many are taken back, no further claim is: each claim is taken back whole. Default 500. */
  limit?: number;
}

const RECOVER_FIELDS = fieldNames<RecoverOptions>({ maxCrashes: true, limit: true });

/** Takes back runs whose lease ran out, in one bounded batch. Throws `InvalidOptionError`. */
export async function recover(db: Executor, options: RecoverOptions): Promise<RecoverResult> {
  checkFields("options", options, RECOVER_FIELDS);
  const maxCrashes = integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]);
  return recoverJobs(db, maxCrashes, integerIn("limit", options.limit ?? 500, [1, 10_000]));
}
