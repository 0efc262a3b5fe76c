import type { ExtendResult } from "../job/extend-result.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";

/** The leases of a renewal that were extended: those that were neither refused nor locked. */
export function renewedLeases(leases: readonly Lease[], { refused, locked }: ExtendResult): Lease[] {
  const left = new Set([...refused, ...locked].map(runKey));
  return leases.filter((lease) => !left.has(runKey(lease)));
}
