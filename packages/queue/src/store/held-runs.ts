import type { Lease } from "../domain/job.ts";
import { rowGuard, type TransitionName } from "../domain/transitions.ts";

/**
 * The `held` relation of a fenced write: of the runs that the caller claims to hold, parameters $1 and $2, those that
 * it does hold, locked. Each is looked up by itself (`LIMIT 1` keeps it so): joined as a whole, the planner expects
 * next to no running job, and on a table without statistics reads the given runs once for each row of the table.
 * Locked rows cannot change before the write, which therefore needs to name the id alone.
 */
export function heldRuns(
  transition: TransitionName,
  {
    columns = "",
    arrays = "",
    ifLocked = "",
  }: { columns?: string; arrays?: string; ifLocked?: "" | "SKIP LOCKED" } = {},
): string {
  return `
  WITH held AS MATERIALIZED (
    SELECT given.*
    FROM unnest($1::uuid[], $2::bigint[]${arrays}) AS given(id, lease_token${columns}), LATERAL (
      SELECT FROM millrace.jobs j
      WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${rowGuard(transition)}
      LIMIT 1
      FOR UPDATE ${ifLocked}
    ) AS run
  )`;
}

/** Leases in the order of their ids, so that two writers lock the same rows in the same order. */
export function inIdOrder<L extends Lease>(leases: readonly L[]): L[] {
  return [...leases].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** The two array parameters that `heldRuns` reads. */
export function leaseArrays(leases: readonly Lease[]): [string[], number[]] {
  return [leases.map((lease) => lease.id), leases.map((lease) => lease.leaseToken)];
}

/** The leases that a fenced write did not return: it changed nothing about them. */
export function refusedOf(leases: readonly Lease[], rows: readonly unknown[]): Lease[] {
  if (rows.length === leases.length) return [];
  const written = new Set((rows as { id: string }[]).map((row) => row.id));
  return leases.filter((lease) => !written.has(lease.id)).map(({ id, leaseToken }) => ({ id, leaseToken }));
}
