import type { Lease } from "./job.ts";
import { type LockPolicy, lockTimeout } from "./lock-policy.sql.ts";
import { isOpen, UNPACKED } from "./places.sql.ts";

/** What a fenced write needs to know about its runs. */
export interface HeldRunsOptions {
  policy: LockPolicy;
  /**
   * Further columns of the given runs: each name after `, `. `arrays` has their parameters in the same way, from $3 on.
   */
  columns?: string;
  arrays?: string;
  /** Whether the write needs the jobs' columns. Unpacking only the ids of a claim is cheaper. Default true. */
  withJobs?: boolean;
}

/**
 * Guarantees: `held` has the given runs that still hold their lease: the claim has the run's token, and the job is
 * still open in the claim. `locked` has their claims, locked in the order of their tokens, so that two writers cannot
 * wait for each other.
 * Index: claims_pkey, claim by claim.
 * No row: the run's lease was lost, or its claim was split during the statement, or is locked and the policy is `skip`.
 *
 * These are the first CTEs of a fenced write. $1 and $2 are the ids and tokens of the given runs.
 *
 * - A row of `held` has the job's columns, its `claim_id`, and its `ordinal` in the claim, from 1.
 * - A locked claim cannot change before the write.
 * - Claims that were split share a token. Only those in which a given run is open are locked, because a long
 *   transaction may have locked another.
 * - Each claim is looked up by itself, and unpacked before the given runs are joined. With one join, the planner may
 *   read the whole table, or unpack a claim once for each of its runs.
 */
export function heldRuns({ policy, columns = "", arrays = "", withJobs = true }: HeldRunsOptions): string {
  const { cte, join } = lockTimeout(policy);
  const unpacked = withJobs ? `${UNPACKED} AS job` : "unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)";
  return `
  WITH ${cte}given AS MATERIALIZED (
    SELECT given.* FROM unnest($1::uuid[], $2::bigint[]${arrays}) AS given(id, lease_token${columns})
  ), locked AS MATERIALIZED (
    SELECT claim.*
    FROM ${join}(
      SELECT lease_token, array_agg(id) AS ids FROM given GROUP BY lease_token ORDER BY lease_token
    ) AS named, LATERAL (
      SELECT c.* FROM millrace.claims c
      WHERE c.lease_token = named.lease_token AND CASE WHEN c.open IS NULL THEN c.ids && named.ids ELSE EXISTS (
        SELECT FROM unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
        WHERE job.id = ANY(named.ids) AND job.ordinal = ANY(c.open)) END
      ORDER BY c.id
      FOR UPDATE ${policy === "skip" ? "SKIP LOCKED" : ""}
    ) AS claim
  ), unpacked AS MATERIALIZED (
    SELECT c.id AS claim_id, c.lease_token, c.worker_id, c.queue, c.priority, c.begun_at AS last_run_at, job.*
    FROM locked AS c, LATERAL ${unpacked}
    WHERE ${isOpen("job.ordinal")}
  ), held AS MATERIALIZED (
    SELECT unpacked.*${withTable(columns)}
    FROM unpacked JOIN given ON given.id = unpacked.id AND given.lease_token = unpacked.lease_token
  )`;
}

/** Names the table of the given runs' columns: `, a, b` becomes `, given.a, given.b`. */
function withTable(columns: string): string {
  return columns.replaceAll(", ", ", given.");
}

/**
 * Guarantees: takes the runs of a relation, mostly `held`, out of their claims. A claim without another open job is
 * deleted. Any other claim keeps its other open jobs.
 * Index: claims_pkey.
 * No row: always. These CTEs of a fenced write return no rows.
 *
 * What remains of a claim is computed from `locked`, which has the claim as it is now. The statement's snapshot may
 * have the claim as it was before another write.
 */
export const leaveClaims = (relation: string) => `, leaving AS MATERIALIZED (
    SELECT ended.claim_id, ended.lease_token,
           CASE WHEN ended.jobs < coalesce(cardinality(c.open), cardinality(c.ids)) THEN ARRAY(
             SELECT ordinal
             FROM unnest(coalesce(c.open, ARRAY(SELECT generate_series(1, cardinality(c.ids))::smallint))) AS ordinal
             WHERE ordinal <> ALL(ended.ordinals)) END AS rest
    FROM (SELECT claim_id, lease_token, count(*) AS jobs, array_agg(ordinal::smallint) AS ordinals
          FROM ${relation} GROUP BY claim_id, lease_token) AS ended
    JOIN locked AS c ON c.lease_token = ended.lease_token AND c.id = ended.claim_id
  ), closed AS (
    DELETE FROM millrace.claims c USING leaving
    WHERE c.lease_token = leaving.lease_token AND c.id = leaving.claim_id AND leaving.rest IS NULL
  ), kept AS (
    UPDATE millrace.claims c SET open = leaving.rest FROM leaving
    WHERE c.lease_token = leaving.lease_token AND c.id = leaving.claim_id AND leaving.rest IS NOT NULL
  )`;

/**
 * The two array parameters that `heldRuns` reads, as PostgreSQL's text for arrays. This is cheaper than to leave it to
 * the driver, which would look for characters to quote in each element: ids and tokens have none.
 */
export function leaseArrays(leases: readonly Lease[]): [string, string] {
  return [
    `{${leases.map((lease) => lease.id).join(",")}}`,
    `{${leases.map((lease) => lease.leaseToken).join(",")}}`,
  ];
}

/**
 * A text that names a run. The id alone does not: a worker may hold a lost run of a job and the next run of the same
 * job.
 */
export function runKey({ id, leaseToken }: Lease): string {
  return `${id} ${leaseToken}`;
}

/** A row that a fenced write returns for a run that it wrote. Some drivers give a bigint as text. */
export interface WrittenRow {
  id: string;
  lease_token: string | number;
}

/** The lease that a written row names. */
export function leaseOf({ id, lease_token }: WrittenRow): Lease {
  return { id, leaseToken: Number(lease_token) };
}

/** The leases for which a fenced write returned no row. The write changed nothing about their runs. */
export function leasesWithoutRow(leases: readonly Lease[], rows: readonly unknown[]): Lease[] {
  const written = new Set((rows as WrittenRow[]).map((row) => runKey(leaseOf(row))));
  return leases
    .filter((lease) => !written.has(runKey(lease)))
    .map(({ id, leaseToken }) => ({ id, leaseToken }));
}
