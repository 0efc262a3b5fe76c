import type { Executor } from "@millrace/base";
import { answeredRequests } from "../job/answered-requests.sql.ts";
import {
  heldRuns,
  leaseArrays,
  leaseOf,
  leasesWithoutRow,
  leaveClaims,
  type WrittenRow,
} from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { byPolicy, LOCK_POLICIES, type LockPolicy } from "../job/lock-policy.sql.ts";
import { insertFrom } from "../job/places.sql.ts";
import { toState } from "../job/transitions.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import { writeFenced } from "../job/write-fenced.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import type { Release } from "./failure-and-release.ts";

/**
 * Guarantees: only a run that still holds its lease is released, and its attempt is refunded. If a cancel was
 * requested, the job is canceled instead.
 * Index: claims_pkey, claim by claim (see `heldRuns`).
 * No row: nothing was changed about this run. Its lease was lost, or its claim is locked and was skipped.
 *
 * The attempt is refunded because the job is not at fault: a stopping worker cut its run short, the run never began, or
 * the handler found that it was too early.
 */
const RELEASE = byPolicy(
  LOCK_POLICIES,
  (policy) => `${heldRuns({ policy, columns: ", delay_ms", arrays: ", $3::float8[]" })}${leaveClaims("held")},
  ${answeredRequests("held")}, settled AS MATERIALIZED (
    SELECT held.*, asked.job_id IS NOT NULL AS is_canceled FROM held LEFT JOIN asked ON asked.job_id = held.id
  ), again AS (
    SELECT * FROM settled WHERE NOT is_canceled
  ), over AS (
    SELECT * FROM settled WHERE is_canceled
  ), waiting AS (
    ${insertFrom("waiting_jobs", "again", {
      attempts: "r.attempts - 1",
      run_at: "coalesce(now() + r.delay_ms * interval '1 ms', r.run_at)",
    })}
  ), ${endJobs({
    relation: "over",
    set: { attempts: "r.attempts - 1", state: toState("honourCancel"), ended_at: "now()" },
  })}
  SELECT id, lease_token, is_canceled FROM settled`,
);

/** What became of released runs. */
export interface ReleasedRuns extends Unwritten {
  /** Runs whose cancel was requested: their jobs are canceled. */
  canceled: Lease[];
}

/** Releases runs and refunds their attempts. Returns the runs that it did not release, and why. */
export async function releaseJobs(
  db: Executor,
  releases: readonly Release[],
  policy: LockPolicy,
): Promise<ReleasedRuns> {
  const canceled: Lease[] = [];
  const unwritten = await writeFenced(db, {
    items: releases,
    policy,
    async send(items, locks) {
      const delays = items.map((release) => release.delayMs ?? null);
      const { rows } = await db.query(RELEASE[locks], [...leaseArrays(items), delays]);
      const written = rows as (WrittenRow & { is_canceled: boolean })[];
      canceled.push(...written.filter((row) => row.is_canceled).map(leaseOf));
      return leasesWithoutRow(items, rows);
    },
  });
  return { ...unwritten, canceled };
}
