import type { Lease } from "../domain/job.ts";

/** The `given` relation of every fenced write: what the caller claims to hold. Parameters $1 and $2. */
export const GIVEN_LEASES = "unnest($1::uuid[], $2::bigint[]) AS given(id, lease_token)";

/** The condition that makes a write fenced: the job is still in the very run that was claimed. */
export const HOLDS_LEASE = "j.id = given.id AND j.lease_token = given.lease_token";

/** Leases in the order of their ids, so that two writers lock the same rows in the same order. */
export function inIdOrder<L extends Lease>(leases: readonly L[]): L[] {
  return [...leases].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** The two array parameters for `GIVEN_LEASES`. */
export function leaseArrays(leases: readonly Lease[]): [string[], number[]] {
  return [leases.map((lease) => lease.id), leases.map((lease) => lease.leaseToken)];
}

/** The leases that a fenced write did not return: it changed nothing about them. */
export function refusedOf(leases: readonly Lease[], rows: readonly unknown[]): Lease[] {
  const written = new Set((rows as { id: string }[]).map((row) => row.id));
  return leases.filter((lease) => !written.has(lease.id)).map(({ id, leaseToken }) => ({ id, leaseToken }));
}
