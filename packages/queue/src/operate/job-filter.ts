import { InvalidOptionError, integerIn } from "@millrace/base";
import { checkId } from "./check-id.ts";
import { checkSelection, filterFields, type JobSelection } from "./job-selection.ts";

/** In which order to list jobs. */
const ORDERS = ["newest", "oldest-due"] as const;

/** Selects the jobs to list: jobs that match every given field. */
export interface JobFilter extends JobSelection {
  /** How many jobs to return at most, 1 to 1,000. Default 50. */
  limit?: number;
  /** The id of the last job of a page: returns the page after that one. */
  before?: string;
  /**
   * - `newest`: the jobs that were enqueued last come first. The default.
   * - `oldest-due`: only queued jobs, in the order in which they are or come due, whatever their queues and priorities.
   */
  order?: "newest" | "oldest-due";
}

const FILTER_FIELDS = filterFields<JobFilter>({ limit: true, before: true, order: true });

/**
 * Checks a filter. `checkBefore` checks where the page begins. Returns how many jobs to list. Throws
 * `InvalidOptionError`.
 */
export function checkListFilter(
  filter: JobFilter,
  checkBefore: (option: string, value: unknown) => unknown = checkId,
): number {
  checkSelection(filter, FILTER_FIELDS);
  if (filter.before !== undefined) checkBefore("before", filter.before);
  const orders: readonly unknown[] = ORDERS;
  if (filter.order !== undefined && !orders.includes(filter.order)) {
    throw new InvalidOptionError("order", `one of ${ORDERS.join(", ")}`, filter.order);
  }
  if (filter.order === "oldest-due" && filter.state !== undefined && filter.state !== "queued") {
    throw new InvalidOptionError("state", 'queued, or left out, with the order "oldest-due"', filter.state);
  }
  return integerIn("limit", filter.limit ?? 50, [1, 1_000]);
}
