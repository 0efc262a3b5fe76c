import { checkFields, checkText, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { checkLeaseSeconds } from "../job/check-lease-seconds.ts";
import { checkWorkerId } from "../job/check-worker-id.ts";

/** What to claim, for whom, for how long. */
export interface ClaimOptions {
  /** In rising order of patience: jobs of an earlier queue are taken first. */
  queues: readonly string[];
  /** Only jobs of these types; the others stay queued as they are. Absent: jobs of every type. */
  types?: readonly string[];
  /** 1 to 100 characters. */
  workerId: string;
  limit: number;
  /** 5 to 3,600. */
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
