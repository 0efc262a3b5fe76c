import { type Executor, queryPrepared } from "@millrace/base";
import type { AttemptOutcome } from "@millrace/schema/values";
import { deadLetters } from "../enqueue/dead-letters.sql.ts";
import { answeredRequests } from "../job/answered-requests.sql.ts";
import {
  heldRuns,
  leaseArrays,
  leaseOf,
  leasesWithoutRow,
  leaveClaims,
  type WrittenRow,
} from "../job/held-runs.sql.ts";
import { byPolicy, LOCK_POLICIES, type LockPolicy } from "../job/lock-policy.sql.ts";
import { insertFrom, STARTED_SETTINGS } from "../job/places.sql.ts";
import { toState } from "../job/transitions.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import { writeFenced } from "../job/write-fenced.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import type { FailResult, Failure } from "./failure-and-release.ts";

/**
 * The job becomes canceled if a cancel was requested, or if the handler canceled the job. A run that was aborted
 * because of a request, which was withdrawn since, is released: `cancels` is null. Otherwise the job is retried or
 * fails. The statement checks the attempts, because its caller may not know how many the job may have.
 */
const NEXT_STATE = `
           CASE WHEN asked.job_id IS NOT NULL THEN ${toState("honourCancel")}
                WHEN held.cancels IS NULL THEN ${toState("release")}
                WHEN held.cancels THEN ${toState("cancelSelf")}
                WHEN held.retry_ms IS NOT NULL AND held.attempts < held.max_attempts THEN ${toState("retryLater")}
                ELSE ${toState("fail")} END`;

const GIVEN = {
  columns: ", error, retry_ms, cancels",
  arrays: ", $3::text[], $4::float8[], $5::bool[]",
};

/**
 * Guarantees: only a run that still holds its lease is changed, and its attempt row is written in the same statement. A
 * released run has no attempt row, and its attempt is refunded. A job never gets more attempts than it may have. A job
 * that fails for good enqueues its dead letter, if it has one.
 * Index: claims_pkey, claim by claim (see `heldRuns`).
 * No row: nothing was changed about this run. Its lease was lost, or its claim is locked and was skipped.
 */
const FAIL = byPolicy(
  LOCK_POLICIES,
  (
    policy,
  ) => `${heldRuns({ ...GIVEN, policy })}${leaveClaims("held")}, ${answeredRequests("held")}, settled AS MATERIALIZED (
    SELECT held.*, ${NEXT_STATE} AS next_state, held.cancels IS NULL AND asked.job_id IS NULL AS is_released
    FROM held LEFT JOIN asked ON asked.job_id = held.id
  ), again AS (
    SELECT * FROM settled WHERE next_state = ${toState("retryLater")}
  ), over AS (
    SELECT * FROM settled WHERE next_state <> ${toState("retryLater")}
  ), waiting AS (
    ${insertFrom("waiting_jobs", "again", {
      attempts: "CASE WHEN r.is_released THEN r.attempts - 1 ELSE r.attempts END",
      run_at: "CASE WHEN r.is_released THEN r.run_at ELSE now() + r.retry_ms * interval '1 ms' END",
      last_error: "CASE WHEN r.is_released THEN r.last_error ELSE r.error END",
      // A released run does not count, so the job keeps the instant by which it must start.
      settings: `CASE WHEN r.is_released THEN r.settings ELSE ${STARTED_SETTINGS} END`,
    })}
  ), ${endJobs({
    relation: "over",
    set: { state: "r.next_state", ended_at: "now()", last_error: "r.error" },
  })}, ${deadLetters({ relation: "over", attempts: "r.attempts" })}, recorded AS (
    INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, worker_id, started_at, outcome, error)
    SELECT id, lease_token, attempts, worker_id, last_run_at,
           CASE next_state WHEN ${toState("retryLater")} THEN 'retried' ELSE next_state END, error
    FROM settled WHERE NOT is_released
    RETURNING job_id AS id, lease_token, outcome
  )
  SELECT id, lease_token, outcome FROM recorded
  UNION ALL
  SELECT id, lease_token, 'released' FROM settled WHERE is_released`,
);

/** The name of the prepared statement of a worker. Statements of other policies are rare, and are not prepared. */
const PREPARED = "millrace_fail_2";

/** What became of failed runs: each lease is in exactly one list. */
export interface FailedRuns extends FailResult, Unwritten {}

/** Records failed runs: a job is retried, fails for good, is canceled or released. Returns what became of each run. */
export async function failJobs(
  db: Executor,
  failures: readonly Failure[],
  policy: LockPolicy,
): Promise<FailedRuns> {
  const written: (WrittenRow & { outcome: AttemptOutcome })[] = [];
  const unwritten = await writeFenced(db, {
    items: failures,
    policy,
    async send(items, locks) {
      const values = [
        ...leaseArrays(items),
        items.map((failure) => storableText(failure.error)),
        items.map((failure) => failure.retryInMs),
        items.map(({ cancel = false }) => (cancel === "if requested" ? null : cancel)),
      ];
      const { rows } =
        locks === "wait briefly"
          ? await queryPrepared(db, PREPARED, [FAIL[locks], values])
          : await db.query(FAIL[locks], values);
      written.push(...(rows as typeof written));
      return leasesWithoutRow(items, rows);
    },
  });
  const ended = (outcome: AttemptOutcome) => written.filter((row) => row.outcome === outcome).map(leaseOf);
  return {
    retried: ended("retried"),
    failed: ended("failed"),
    canceled: ended("canceled"),
    released: ended("released"),
    ...unwritten,
  };
}

/** PostgreSQL text cannot hold U+0000, and an error message may. */
function storableText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD");
}
