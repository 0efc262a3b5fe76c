import type { Executor } from "@millrace/base";
import type { AttemptOutcome } from "@millrace/schema/values";
import {
  heldRuns,
  inIdOrder,
  leaseArrays,
  leaseOf,
  leasesWithoutRow,
  type WrittenRow,
} from "../job/held-runs.sql.ts";
import { byPolicy, HELD_POLICIES, type HeldPolicy } from "../job/lock-policy.sql.ts";
import { TRANSITIONS, toState } from "../job/transitions.ts";
import { type Unwritten, unwrittenRuns } from "../job/unwritten-runs.sql.ts";
import type { FailResult, Failure } from "./failure-and-release.ts";

/** Whether there is another attempt. The caller may not know how many attempts the job may have. */
const IS_RETRIED = "(held.retry_ms IS NOT NULL AND j.attempts < j.max_attempts)";

/** The job becomes canceled if a cancel was requested or the handler canceled it. Otherwise it is retried or fails. */
const NEXT_STATE = `
  CASE WHEN j.cancel_requested_at IS NOT NULL THEN ${toState("honourCancel")}
       WHEN held.cancels THEN ${toState("cancelSelf")}
       WHEN ${IS_RETRIED} THEN ${toState("retryLater")}
       ELSE ${toState("fail")} END`;

const GIVEN = {
  columns: ", error, retry_ms, cancels",
  arrays: ", $3::text[], $4::float8[], $5::bool[]",
};

/**
 * Guarantees: only a run that still holds its lease is changed, and its attempt row is written with it; a job never
 * gets more attempts than it may have. Index: the primary key. A missing row means: nothing was changed; the lease was
 * lost, or the row is locked and was skipped.
 */
const FAIL = byPolicy(
  HELD_POLICIES,
  (policy) => `${heldRuns({ ...GIVEN, policy, transition: "fail" })}, settled AS (
    UPDATE millrace.jobs j
    SET state = ${NEXT_STATE},
        run_at = CASE WHEN j.cancel_requested_at IS NULL AND ${IS_RETRIED}
                      THEN now() + held.retry_ms * interval '1 ms' ELSE j.run_at END,
        canceled_at = CASE WHEN j.cancel_requested_at IS NOT NULL OR held.cancels THEN now() END,
        cancel_requested_at = NULL, last_error = held.error, lease_until = NULL, updated_at = now()
    FROM held WHERE j.id = held.id
    RETURNING j.id, j.lease_token, j.attempts, j.worker_id, j.last_run_at, j.state, j.last_error
  )
  INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, worker_id, started_at, outcome, error)
  SELECT id, lease_token, attempts, worker_id, last_run_at,
         CASE state WHEN '${TRANSITIONS.retryLater.to}' THEN 'retried' ELSE state END, last_error
  FROM settled
  RETURNING job_id AS id, lease_token, outcome`,
);

/** What became of failed runs: each lease is in one list. */
export interface FailedRuns extends FailResult, Unwritten {}

/** Records failed runs: each job is retried, fails for good or is canceled. Returns what became of each run. */
export async function failJobs(
  db: Executor,
  failures: readonly Failure[],
  policy: HeldPolicy,
): Promise<FailedRuns> {
  const ordered = inIdOrder(failures);
  const { rows } = await db.query(FAIL[policy], [
    ...leaseArrays(ordered),
    ordered.map((failure) => storableText(failure.error)),
    ordered.map((failure) => failure.retryInMs),
    ordered.map((failure) => failure.cancel ?? false),
  ]);
  const written = rows as (WrittenRow & { outcome: AttemptOutcome })[];
  const ended = (outcome: AttemptOutcome) => written.filter((row) => row.outcome === outcome).map(leaseOf);
  return {
    retried: ended("retried"),
    failed: ended("failed"),
    canceled: ended("canceled"),
    ...(await unwrittenRuns(db, leasesWithoutRow(failures, rows), policy)),
  };
}

/** PostgreSQL text cannot hold U+0000, and an error message may. */
function storableText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD");
}
