import { checkFields, checkText, fieldNames, InvalidOptionError } from "@millrace/base";
import { JOB_STATES, type JobState } from "@millrace/schema/values";
import { checkId } from "./check-id.ts";

/** Selects the jobs to list: jobs that match every given field. */
export interface JobFilter {
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  /** How many jobs to return at most, 1 to 1,000. Default 50. */
  limit?: number;
  /** Only jobs with a smaller id. For the next page, give the id of the last job of this page. */
  before?: string;
}

const FILTER_FIELDS = fieldNames<JobFilter>({
  state: true,
  queue: true,
  type: true,
  scheduleId: true,
  limit: true,
  before: true,
});

/** Checks a filter, except for its limit. Throws `InvalidOptionError`. */
export function checkListFilter(filter: JobFilter): void {
  checkFields("filter", filter, FILTER_FIELDS);
  const states: readonly unknown[] = JOB_STATES;
  if ("state" in filter && !states.includes(filter.state)) {
    throw new InvalidOptionError("state", `one of ${JOB_STATES.join(", ")}`, filter.state);
  }
  for (const name of ["queue", "type"] as const) if (name in filter) checkText(name, filter[name], 100);
  for (const name of ["scheduleId", "before"] as const) if (name in filter) checkId(name, filter[name]);
}
