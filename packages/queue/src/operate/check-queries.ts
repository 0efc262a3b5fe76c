import { checkFields, checkText, fieldNames, InvalidOptionError, integerIn, isUuid } from "@millrace/base";
import { JOB_STATES } from "@millrace/schema";
import type { ClaimOptions, JobFilter, RecoverOptions } from "../queue.ts";

/** How long a worker's id may be, in characters. */
export const WORKER_ID_MAX = 100;

const CLAIM_FIELDS = fieldNames<ClaimOptions>({
  queues: true,
  workerId: true,
  limit: true,
  leaseSeconds: true,
  types: true,
});

const RECOVER_FIELDS = fieldNames<RecoverOptions>({ maxCrashes: true, limit: true });

const FILTER_FIELDS = fieldNames<JobFilter>({
  state: true,
  queue: true,
  type: true,
  scheduleId: true,
  limit: true,
  before: true,
});

/** Checks what is to be claimed. Throws `InvalidOptionError`. */
export function checkClaim(options: ClaimOptions): ClaimOptions {
  checkFields("options", options, CLAIM_FIELDS);
  if (!Array.isArray(options.queues)) {
    throw new InvalidOptionError("queues", "an array of queue names", options.queues);
  }
  for (const [at, name] of options.queues.entries()) checkText(`queues[${at}]`, name, 100);
  if ("types" in options) checkTypes(options.types);
  integerIn("limit", options.limit, [1, 10_000]);
  checkText("workerId", options.workerId, WORKER_ID_MAX);
  checkLeaseSeconds(options.leaseSeconds);
  return options;
}

function checkTypes(types: unknown): void {
  if (!Array.isArray(types)) throw new InvalidOptionError("types", "an array of job types", types);
  for (const [at, type] of types.entries()) checkText(`types[${at}]`, type, 100);
}

/** Checks for how long a lease is to hold. Throws `InvalidOptionError`. */
export function checkLeaseSeconds(leaseSeconds: number): number {
  return integerIn("leaseSeconds", leaseSeconds, [5, 3_600]);
}

/** Checks how runs are to be taken back. Throws `InvalidOptionError`. */
export function checkRecover(options: RecoverOptions): void {
  checkFields("options", options, RECOVER_FIELDS);
}

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

/** The value, when it is a UUID. Throws `InvalidOptionError`. */
export function checkId(option: string, value: unknown): string {
  if (typeof value === "string" && isUuid(value)) return value;
  throw new InvalidOptionError(option, "an id (a UUID)", value);
}
