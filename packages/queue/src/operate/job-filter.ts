import { checkFields, checkText, fieldNames, InvalidOptionError } from "@millrace/base";
import { JOB_STATES, type JobState } from "@millrace/schema/values";
import { checkId } from "./check-id.ts";

/** Which jobs to list. Newest first; `before` continues after a page's last id. */
export interface JobFilter {
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  /** 1 to 1,000, default 50. */
  limit?: number;
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

/** Checks which jobs are to be listed. Throws `InvalidOptionError`. */
export function checkListFilter(filter: JobFilter): void {
  checkFields("filter", filter, FILTER_FIELDS);
  const states: readonly unknown[] = JOB_STATES;
  if ("state" in filter && !states.includes(filter.state)) {
    throw new InvalidOptionError("state", `one of ${JOB_STATES.join(", ")}`, filter.state);
  }
  for (const name of ["queue", "type"] as const) if (name in filter) checkText(name, filter[name], 100);
  for (const name of ["scheduleId", "before"] as const) if (name in filter) checkId(name, filter[name]);
}
