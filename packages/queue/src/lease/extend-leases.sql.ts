import type { Executor } from "@millrace/base";
import type { ExtendResult } from "../job/extend-result.ts";
import { heldRuns, leaseArrays, runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { byPolicy, LOCK_POLICIES, type LockPolicy } from "../job/lock-policy.sql.ts";
import { unwrittenRuns } from "../job/unwritten-runs.sql.ts";
import { writeFenced } from "../job/write-fenced.ts";

/**
 * Guarantees: extends only claims in which a given run is still open, and shortens no lease. Writes one row for each
 * claim, however many of its runs are given.
 * Index: claims_pkey, claim by claim (see `heldRuns`).
 * No row: never. In the one row, `some` is null if every given run holds its lease; else it names the runs that do.
 * `canceled` names the runs whose cancel was requested.
 */
const EXTEND = byPolicy(
  LOCK_POLICIES,
  (policy) => `${heldRuns({ policy, withJobs: false })}, extended AS (
    UPDATE millrace.claims c
    SET lease_until = greatest(c.lease_until, now() + $3 * interval '1 second'), updated_at = now()
    FROM (SELECT DISTINCT claim_id, lease_token FROM held) AS claim
    WHERE c.lease_token = claim.lease_token AND c.id = claim.claim_id
  )
  SELECT CASE WHEN count(*) < cardinality($1::uuid[])
              THEN coalesce(string_agg(held.id || ' ' || held.lease_token, ','), '') END AS some,
         string_agg(held.id || ' ' || held.lease_token, ',') FILTER (WHERE asked.job_id IS NOT NULL) AS canceled
  FROM held LEFT JOIN millrace.cancel_requests AS asked ON asked.job_id = held.id`,
);

/** At most this many locked claims are tried one by one: each of them may wait for its lock. */
const LOCKED_CLAIMS_MAX = 10;

/**
 * Extends the leases of these runs to at least `leaseSeconds` from now by the database's clock. Also returns the runs
 * whose cancel was requested. A run whose claim is locked is not refused: nobody can take its job while the lock lasts.
 *
 * Locked claims are skipped first, and then tried one by one with a short wait. The claims of a worker that completes
 * many jobs are locked most of the time, but never for long.
 */
export async function extendLeases(
  db: Executor,
  leases: readonly Lease[],
  leaseSeconds: number,
): Promise<ExtendResult> {
  const canceled = new Set<string>();
  const send = async (items: readonly Lease[], policy: LockPolicy) => {
    const { rows } = await db.query(EXTEND[policy], [...leaseArrays(items), leaseSeconds]);
    const [row] = rows as { some: string | null; canceled: string | null }[];
    for (const key of keysIn(row?.canceled ?? null)) canceled.add(key);
    if (row === undefined || row.some === null) return [];
    const extended = new Set(keysIn(row.some));
    return items.filter((lease) => !extended.has(runKey(lease)));
  };
  const { refused, locked } = await unwrittenRuns(db, await send(leases, "skip"));
  const stillLocked: Lease[] = [];
  for (const [tried, claim] of byClaim(locked).entries()) {
    if (tried >= LOCKED_CLAIMS_MAX) {
      stillLocked.push(...claim);
      continue;
    }
    const again = await writeFenced(db, { items: claim, policy: "wait briefly", send });
    refused.push(...again.refused);
    stillLocked.push(...again.locked);
  }
  return {
    refused,
    locked: stillLocked,
    cancelRequested: leases.filter((lease) => canceled.has(runKey(lease))),
  };
}

function keysIn(text: string | null): string[] {
  return text === null || text === "" ? [] : text.split(",");
}

function byClaim(leases: readonly Lease[]): Lease[][] {
  const claims = new Map<number, Lease[]>();
  for (const lease of leases) claims.set(lease.leaseToken, [...(claims.get(lease.leaseToken) ?? []), lease]);
  return [...claims.values()];
}
