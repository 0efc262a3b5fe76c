import { checkFields, checkSignal, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { INTEGER_MAX, type JobState } from "@millrace/schema/values";
import type { BulkFilter, BulkOptions } from "./bulk.ts";
import { checkId } from "./check-id.ts";
import { checkSelection, filterFields } from "./job-selection.ts";

/** The arguments of a command on many jobs. */
export interface Bulk {
  filter: BulkFilter;
  options: BulkOptions;
}

/** The states of the jobs that a command can change. */
export interface BulkStates {
  /** The states that a filter may name. */
  allowed: readonly JobState[];
  /** The states that a filter without `state` means. Default: all that are allowed. */
  unlessNamed?: readonly JobState[];
}

const FILTER_FIELDS = filterFields<BulkFilter>({ all: true });

const OPTION_FIELDS = fieldNames<BulkOptions>({
  batchSize: true,
  limit: true,
  dryRun: true,
  after: true,
  signal: true,
  commandId: true,
});

/**
 * Checks the arguments of a command on many jobs. Returns the states of the jobs to change. Refuses an empty filter: an
 * empty filter would select every job, and is mostly a mistake. Throws `InvalidOptionError`.
 */
export function checkBulk({ filter, options }: Bulk, states: BulkStates): readonly JobState[] {
  checkSelection(filter, FILTER_FIELDS);
  checkFields("options", options, OPTION_FIELDS);
  checkNamesSomething(filter);
  if (options.after !== undefined) checkId("after", options.after);
  if (options.batchSize !== undefined) integerIn("batchSize", options.batchSize, [1, 10_000]);
  if (options.limit !== undefined) integerIn("limit", options.limit, [1, INTEGER_MAX]);
  if (options.dryRun !== undefined && typeof options.dryRun !== "boolean") {
    throw new InvalidOptionError("dryRun", "true or false", options.dryRun);
  }
  checkSignal(options.signal);
  return statesOf(filter, states);
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

/** Returns the states of the jobs to change. Throws if the filter names a state that the command cannot change. */
function statesOf(
  { state }: BulkFilter,
  { allowed, unlessNamed = allowed }: BulkStates,
): readonly JobState[] {
  if (state === undefined) return unlessNamed;
  if (allowed.includes(state)) return [state];
  throw new InvalidOptionError("state", `${allowed.join(" or ")} for this command`, state);
}
