import { checkFields, type Executor, fieldNames, integerIn } from "@millrace/base";
import { INTEGER_MAX } from "@millrace/schema/values";
import type { JobAttempt } from "../job/job.ts";
import { checkId } from "./check-id.ts";
import { listAttempts } from "./read-jobs.sql.ts";

/** The options of `attempts`. */
export interface AttemptsOptions {
  /** How many attempts to return at most, the last ones, from 1. Default: all. */
  last?: number;
}

const FIELDS = fieldNames<AttemptsOptions>({ last: true });

/** Returns attempts of a job. Throws `InvalidOptionError`. */
export async function attempts(db: Executor, id: string, options: AttemptsOptions): Promise<JobAttempt[]> {
  checkFields("options", options, FIELDS);
  const last = integerIn("last", options.last ?? INTEGER_MAX, [1, INTEGER_MAX]);
  return listAttempts(db, checkId("id", id), last);
}
