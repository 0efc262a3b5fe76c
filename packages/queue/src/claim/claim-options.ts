import { checkFields, checkText, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { checkLeaseSeconds } from "../job/check-lease-seconds.ts";
import { checkWorkerId } from "../job/check-worker-id.ts";

/**
 * What `queue.runs.claim` claims, for which worker, and for how long.
 *
 * @example
 * const jobs = await queue.runs.claim({
 *   queues: ["critical", "default"],
 *   types: ["send-receipt"],
 *   workerId: "receipts-1",
 *   limit: 10,
 *   leaseSeconds: 30,
 * });
 */
export interface ClaimOptions {
  /** Queue names of 1 to 100 characters. The due jobs of a queue are claimed before those of the next queue. */
  queues: readonly string[];
  /** Only jobs of these types, of 1 to 100 characters each. Other jobs stay queued. Absent: jobs of every type. */
  types?: readonly string[];
  /** Who runs the jobs, in 1 to 100 characters. */
  workerId: string;
  /** How many jobs to claim at most, 1 to 10,000. */
  limit: number;
  /** How long the leases hold without an extension, in s, 5 to 3,600. */
  leaseSeconds: number;
}

const CLAIM_FIELDS = fieldNames<ClaimOptions>({
  queues: true,
  workerId: true,
  limit: true,
  leaseSeconds: true,
  types: true,
});

/** Checks the options of a claim. Throws `InvalidOptionError`. */
export function checkClaim(options: ClaimOptions): ClaimOptions {
  checkFields("options", options, CLAIM_FIELDS);
  if (!Array.isArray(options.queues)) {
    throw new InvalidOptionError("queues", "an array of queue names", options.queues);
  }
  for (const [at, name] of options.queues.entries()) checkText(`queues[${at}]`, name, 100);
  if ("types" in options) checkTypes(options.types);
  integerIn("limit", options.limit, [1, 10_000]);
  checkWorkerId(options.workerId);
  checkLeaseSeconds(options.leaseSeconds);
  return options;
}

function checkTypes(types: unknown): void {
  if (!Array.isArray(types)) throw new InvalidOptionError("types", "an array of job types", types);
  for (const [at, type] of types.entries()) checkText(`types[${at}]`, type, 100);
}
