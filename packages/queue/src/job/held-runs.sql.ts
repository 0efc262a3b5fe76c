import type { Lease } from "./job.ts";
import type { HeldPolicy } from "./lock-policy.sql.ts";
import { rowInState } from "./state-guards.sql.ts";
import { rowGuard, type TransitionName } from "./transitions.ts";

/** What a fenced write needs of the runs it is about. */
export interface HeldRunsOptions {
  policy: HeldPolicy;
  /** The transition that the write makes; absent: the job goes on running. */
  transition?: TransitionName;
  /** Names of further columns of the given runs, each after a comma, and their parameters from $3 on. */
  columns?: string;
  arrays?: string;
}

/**
 * The `held` relation of a fenced write. The caller names runs by $1 and $2. The relation has the runs whose lease
 * token and state still match, with their rows locked. Locked rows cannot change before the write, so the write needs
 * to name only the id.
 *
 * Each run is looked up by itself, and `LIMIT 1` keeps it so. With one join, the planner expects next to no running
 * job; on a table without statistics it reads the given runs once for each row of the table.
 */
export function heldRuns({ policy, transition, columns = "", arrays = "" }: HeldRunsOptions): string {
  const guard = transition === undefined ? rowInState("running") : rowGuard(transition);
  return `
  WITH held AS MATERIALIZED (
    SELECT given.*
    FROM unnest($1::uuid[], $2::bigint[]${arrays}) AS given(id, lease_token${columns}), LATERAL (
      SELECT FROM millrace.jobs j
      WHERE j.id = given.id AND j.lease_token = given.lease_token AND ${guard}
      LIMIT 1
      FOR UPDATE ${policy === "skip" ? "SKIP LOCKED" : ""}
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

/** Names a run among others: a worker may hold a run of a job that it lost, and the next run of the same job. */
export function runKey({ id, leaseToken }: Lease): string {
  return `${id} ${leaseToken}`;
}

/** A row by which a fenced write names a run that it wrote. A bigint comes as text from some drivers. */
export interface WrittenRow {
  id: string;
  lease_token: string | number;
}

/** The lease that a written row names. */
export function leaseOf({ id, lease_token }: WrittenRow): Lease {
  return { id, leaseToken: Number(lease_token) };
}

/** The leases that a fenced write did not return: it changed nothing about them. */
export function leasesWithoutRow(leases: readonly Lease[], rows: readonly unknown[]): Lease[] {
  const written = new Set((rows as WrittenRow[]).map((row) => runKey(leaseOf(row))));
  return leases
    .filter((lease) => !written.has(runKey(lease)))
    .map(({ id, leaseToken }) => ({ id, leaseToken }));
}
