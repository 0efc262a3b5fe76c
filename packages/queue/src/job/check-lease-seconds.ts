import { integerIn } from "@millrace/base";

/** Checks how long a lease is to hold, in s. Throws `InvalidOptionError`. */
export function checkLeaseSeconds(leaseSeconds: number): number {
  return integerIn("leaseSeconds", leaseSeconds, [5, 3_600]);
}
