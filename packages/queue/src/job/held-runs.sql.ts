import type { Lease } from "./job.ts";
import { type LockPolicy, lockTimeout } from "./lock-policy.sql.ts";
import { isOpen, UNPACKED } from "./places.sql.ts";

/** What a fenced write needs of the runs it is about. */
export interface HeldRunsOptions {
  policy: LockPolicy;
  /** Names of further columns of the given runs, each after a comma, and their parameters from $3 on. */
  columns?: string;
  arrays?: string;
  /** Whether the write needs the jobs themselves. Unpacking a claim's ids alone is cheaper. Default true. */
  withJobs?: boolean;
}

/**
 * The `held` relation of a fenced write. The caller names runs by $1 and $2. The relation has the runs whose claim has
 * the token and in which the job is still open, with a job's columns, its `claim_id` and its `place` in the claim. The
 * claims are locked in `locked`, in the order of their tokens, so that two writers of the same claims cannot wait for
 * each other. Locked claims cannot change before the write. Claims that were split share a token. Only those in which a
 * given run is open are locked: another one may be locked by a long transaction.
 *
 * Each claim is looked up by itself, and unpacked before the given runs are joined. With one join, the planner may read
 * the whole table, or unpack a claim once for each of its runs.
 */
export function heldRuns({ policy, columns = "", arrays = "", withJobs = true }: HeldRunsOptions): string {
  const { cte, join } = lockTimeout(policy);
  const unpacked = withJobs ? `${UNPACKED} AS job` : "unnest(c.ids) WITH ORDINALITY AS job(id, place)";
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
        SELECT FROM unnest(c.ids) WITH ORDINALITY AS job(id, place)
        WHERE job.id = ANY(named.ids) AND job.place = ANY(c.open)) END
      ORDER BY c.id
      FOR UPDATE ${policy === "skip" ? "SKIP LOCKED" : ""}
    ) AS claim
  ), unpacked AS MATERIALIZED (
    SELECT c.id AS claim_id, c.lease_token, c.worker_id, c.queue, c.priority, c.begun_at AS last_run_at, job.*
    FROM locked AS c, LATERAL ${unpacked}
    WHERE ${isOpen("job.place")}
  ), held AS MATERIALIZED (
    SELECT unpacked.*${withTable(columns)}
    FROM unpacked JOIN given ON given.id = unpacked.id AND given.lease_token = unpacked.lease_token
  )`;
}

/** Columns of the given runs: `, a, b` becomes `, given.a, given.b`. */
function withTable(columns: string): string {
  return columns.replaceAll(", ", ", given.");
}

/**
 * The CTEs of a fenced write that takes the runs of a relation, mostly `held`, out of their claims: a claim without
 * another open job is deleted, and any other claim keeps its other jobs. What is left of a claim comes from `locked`,
 * which has the claim as it is now. The snapshot of the statement may have the claim as it was before another write.
 */
export const leaveClaims = (relation: string) => `, leaving AS MATERIALIZED (
    SELECT ended.claim_id, ended.lease_token,
           CASE WHEN ended.jobs < coalesce(cardinality(c.open), cardinality(c.ids)) THEN ARRAY(
             SELECT place
             FROM unnest(coalesce(c.open, ARRAY(SELECT generate_series(1, cardinality(c.ids))::smallint))) AS place
             WHERE place <> ALL(ended.places)) END AS rest
    FROM (SELECT claim_id, lease_token, count(*) AS jobs, array_agg(place::smallint) AS places
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
 * The two array parameters that `heldRuns` reads, as PostgreSQL's text for arrays. Ids and tokens need no quotes, and
 * the driver would look for characters to quote in each of them.
 */
export function leaseArrays(leases: readonly Lease[]): [string, string] {
  return [
    `{${leases.map((lease) => lease.id).join(",")}}`,
    `{${leases.map((lease) => lease.leaseToken).join(",")}}`,
  ];
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
