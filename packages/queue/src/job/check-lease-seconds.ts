import { integerIn } from "@millrace/base";

/** Checks for how long a lease is to hold. Throws `InvalidOptionError`. */
export function checkLeaseSeconds(leaseSeconds: number): number {
  return integerIn("leaseSeconds", leaseSeconds, [5, 3_600]);
}
