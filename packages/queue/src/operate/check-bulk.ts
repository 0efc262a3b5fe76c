import {
  checkFields,
  checkSignal,
  checkText,
  fieldNames,
  InvalidOptionError,
  integerIn,
  isUuid,
} from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import type { BulkFilter, BulkOptions } from "./bulk.ts";
import { checkId } from "./check-id.ts";

/** The arguments of a command on many jobs. */
export interface Bulk {
  filter: BulkFilter;
  options: BulkOptions;
}

const FILTER_FIELDS = fieldNames<BulkFilter>({
  all: true,
  state: true,
  queue: true,
  type: true,
  scheduleId: true,
  ids: true,
  createdBefore: true,
  finishedBefore: true,
});

const OPTION_FIELDS = fieldNames<BulkOptions>({ batchSize: true, after: true, signal: true });

/**
 * Checks the arguments of a command on many jobs. Returns the states of the jobs to change. Refuses an empty filter: an
 * empty filter would select every job, and is mostly a mistake. Throws `InvalidOptionError`.
 */
export function checkBulk({ filter, options }: Bulk, allowed: readonly JobState[]): readonly JobState[] {
  checkFields("filter", filter, FILTER_FIELDS);
  checkFields("options", options, OPTION_FIELDS);
  checkNamesSomething(filter);
  for (const name of ["queue", "type"] as const) if (name in filter) checkText(name, filter[name], 100);
  if ("scheduleId" in filter) checkId("scheduleId", filter.scheduleId);
  if ("after" in options) checkId("after", options.after);
  if (filter.ids !== undefined) checkIds(filter.ids);
  for (const name of ["createdBefore", "finishedBefore"] as const) {
    const instant: unknown = filter[name];
    if (instant === undefined || (instant instanceof Date && !Number.isNaN(instant.getTime()))) continue;
    throw new InvalidOptionError(name, "a valid Date", instant);
  }
  if (options.batchSize !== undefined) integerIn("batchSize", options.batchSize, [1, 10_000]);
  checkSignal(options.signal);
  return statesOf(filter, allowed);
}

function checkNamesSomething(filter: BulkFilter): void {
  const names = Object.keys(filter);
  if (!names.includes("all")) {
    if (names.length > 0) return;
    const message = "An empty `filter` would be every job; give `{ all: true }` if you mean that.";
    throw new InvalidOptionError("filter", { message });
  }
  if (filter.all !== true) throw new InvalidOptionError("filter.all", "true, or left out", filter.all);
  const other = names.find((name) => name !== "all");
  if (other === undefined) return;
  const message = `\`filter.all\` and \`filter.${other}\` exclude each other; give one of them.`;
  throw new InvalidOptionError("filter.all", { message });
}

function checkIds(ids: unknown): void {
  if (!Array.isArray(ids)) throw new InvalidOptionError("ids", "an array of job ids (UUIDs)", ids);
  const bad: unknown = ids.find((id) => typeof id !== "string" || !isUuid(id));
  if (bad !== undefined) throw new InvalidOptionError("ids", "job ids (UUIDs)", bad);
}

/** Returns the states of the jobs to change. Throws if the filter names a state that the command cannot change. */
function statesOf(filter: BulkFilter, allowed: readonly JobState[]): readonly JobState[] {
  if (filter.state === undefined) return allowed;
  if (allowed.includes(filter.state)) return [filter.state];
  throw new InvalidOptionError("state", `${allowed.join(" or ")} for this command`, filter.state);
}
