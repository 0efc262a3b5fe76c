import { fieldNames } from "@millrace/base";
import { CLAIMED_FIELDS, checkRuns } from "../job/check-runs.ts";
import type { ClaimedJob, Lease } from "../job/job.ts";

const LEASE_FIELDS = fieldNames<ClaimedJob & Lease>(CLAIMED_FIELDS);

/** Checks and returns the leases that a caller wants to extend. Throws `InvalidOptionError`. */
export function checkLeases(leases: readonly Lease[]): readonly Lease[] {
  return checkRuns("leases", leases, LEASE_FIELDS);
}
