import type { Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import { deadLetters } from "../enqueue/dead-letters.sql.ts";
import { answeredRequests } from "../job/answered-requests.sql.ts";
import { insertFrom, isOpen, STARTED_SETTINGS, UNPACKED } from "../job/places.sql.ts";
import { SUSPECT_CRASHES } from "../job/suspect.ts";
import { TRANSITIONS, toState } from "../job/transitions.ts";
import { DEFAULT_BACKOFF } from "../task/backoff.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";
import { NOTIFIED, notifySleepers } from "../wake/notify-sleepers.sql.ts";
import { HAS_CHORES } from "../wake/waiting-chores.sql.ts";
import type { TakenBack } from "./taken-back.ts";

/** What recovery did, as job ids. */
export interface RecoverResult {
  /** Jobs that are queued again. */
  requeued: string[];
  /** Jobs that crashed more often than they may. */
  failed: string[];
  /** Jobs whose cancel was requested. */
  canceled: string[];
  /** Jobs that were canceled because they did not start by their `startBy`. */
  expired: string[];
}

/** What one statement took back. */
export interface Recovered extends Omit<RecoverResult, "expired"> {
  /** Whether there are chores: see `createChores`. */
  hasChores: boolean;
}

/** What one statement took back, with what to count. */
export interface RecoveredRuns extends Recovered {
  takenBack: TakenBack[];
}

/**
 * From the second crash on, jobs that crashed together come due at random moments within this many ms. All at once,
 * they might crash again.
 */
const SPREAD_MS = 5_000;

/**
 * How long a crashed job waits.
 *
 * - First crash: not at all. Most likely it was the worker's fault.
 * - Further crashes: the default backoff of a failure, and up to `SPREAD_MS`. It may be the job's fault.
 * - A suspect that is not charged: up to `SPREAD_MS`.
 */
const CRASH_DELAY_MS = `
  CASE WHEN NOT r.charged THEN random() * ${SPREAD_MS}
       WHEN r.crashes = 0 THEN 0
       ELSE least(${DEFAULT_BACKOFF.capMs}, ${DEFAULT_BACKOFF.baseMs} * 2 ^ least(r.crashes - 1, 20))
            + random() * ${SPREAD_MS} END`;

const NEXT_STATE = `
  CASE WHEN asked.job_id IS NOT NULL THEN ${toState("cancelCrashed")}
       WHEN held.charged AND held.crashes >= $1::int THEN ${toState("failCrashed")}
       ELSE ${toState("recover")} END`;

const CRASH_ERROR = `format(
  'Worker %s stopped renewing its lease during attempt %s: it crashed, froze or lost the database (crash %s).%s',
  held.worker_id, held.attempts, held.crashes + 1,
  CASE WHEN held.crashes >= $1::int
       THEN format(' That is more than the %s crashes a job may have, so it fails.', $1::int) END)`;

/**
 * Somebody may have written a row with a running job's id into a table of jobs, past the queue. Then the job is left as
 * it is there: one such row must not keep all other runs from being recovered.
 */
const ONCE = "ON CONFLICT (id) DO NOTHING";

/** What a crash changes in a job, wherever the job goes. The attempt is refunded: crashes are counted by themselves. */
const AFTER_CRASH = {
  attempts: "r.attempts - 1",
  crashes: "r.crashes + r.charged::int",
  last_error: "r.error",
};

/**
 * Guarantees: takes an expired run back once, whoever calls. If a renewal comes first, the run keeps its lease. A claim
 * is taken back whole. No crash is charged to a suspect that had not begun: another job ended its worker. A job that
 * crashed too often enqueues its dead letter, if it has one. If the ids $4 are given, takes back only runs of the
 * claims with these ids.
 * Index: claims_lease_idx, from the lease end $3 on, and the primary key of waiting_jobs for late requests to cancel.
 * No row: no lease has run out, no job was canceled, and there are no chores. A row without an id: there are chores.
 *
 * - Sleepers are notified, because the recovering worker may not claim from the job's queue.
 * - A request to cancel is late if its run had ended before. If the job waits again, the job is canceled. If the job is
 *   neither waiting nor running, the request is deleted. If another transaction has locked the waiting job, the request
 *   stays.
 */
const RECOVER = `
  WITH found AS MATERIALIZED (
    SELECT c.* FROM millrace.claims c
    WHERE c.lease_until < now() AND c.lease_until >= $3::timestamptz AND ($4::uuid[] IS NULL OR c.id = ANY($4))
    ORDER BY c.lease_until
    LIMIT $2
    FOR UPDATE SKIP LOCKED
  ), counted AS (
    SELECT c.*, sum(coalesce(cardinality(c.open), cardinality(c.ids)))
                  OVER (ORDER BY c.lease_until, c.lease_token, c.id ROWS UNBOUNDED PRECEDING)
                - coalesce(cardinality(c.open), cardinality(c.ids)) AS jobs_before
    FROM found AS c
  ), expired AS MATERIALIZED (
    SELECT * FROM counted WHERE jobs_before < $2
  ), held AS MATERIALIZED (
    SELECT c.lease_token, c.worker_id, c.queue, c.priority, c.begun_at AS last_run_at, job.*,
           job.crashes < ${SUSPECT_CRASHES} OR c.begun_at IS NOT NULL AS charged
    FROM expired AS c, LATERAL ${UNPACKED} AS job
    WHERE ${isOpen("job.ordinal")}
  ), closed AS (
    DELETE FROM millrace.claims c USING expired
    WHERE c.lease_token = expired.lease_token AND c.id = expired.id
  ), ${answeredRequests("held")}, settled AS MATERIALIZED (
    SELECT held.*, ${NEXT_STATE} AS next_state,
           CASE WHEN held.charged THEN ${CRASH_ERROR} ELSE held.last_error END AS error
    FROM held LEFT JOIN asked ON asked.job_id = held.id
  ), again AS (
    SELECT * FROM settled WHERE next_state = ${toState("recover")}
  ), over AS (
    SELECT * FROM settled WHERE next_state <> ${toState("recover")}
  ), requeued AS (
    ${insertFrom("waiting_jobs", "again", {
      ...AFTER_CRASH,
      settings: STARTED_SETTINGS,
      run_at: `now() + (${CRASH_DELAY_MS}) * interval '1 ms'`,
    })}
    ${ONCE}
    RETURNING queue, priority, run_at
  ), ${endJobs({
    relation: "over",
    set: { ...AFTER_CRASH, state: "r.next_state", ended_at: "now()" },
    returning: ONCE,
  })}, ${deadLetters({ relation: "over", attempts: AFTER_CRASH.attempts })}, ${notifySleepers("requeued", "false")},
  noted AS (
    INSERT INTO millrace.job_attempts (job_id, lease_token, attempt, worker_id, started_at, outcome, error)
    SELECT id, lease_token, attempts, worker_id, last_run_at, 'crashed', error FROM settled WHERE charged
  ), late AS MATERIALIZED (
    SELECT asked.job_id,
           EXISTS (SELECT FROM millrace.waiting_jobs j WHERE j.id = asked.job_id) AS is_waiting
    FROM millrace.cancel_requests AS asked
    WHERE NOT EXISTS (
      SELECT FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
      WHERE job.id = asked.job_id AND ${isOpen("job.ordinal")})
    FOR UPDATE OF asked SKIP LOCKED
  ), reached AS MATERIALIZED (
    SELECT job.id FROM late, LATERAL (
      SELECT j.id FROM millrace.waiting_jobs j WHERE j.id = late.job_id FOR UPDATE SKIP LOCKED
    ) AS job
  ), canceled AS (
    DELETE FROM millrace.waiting_jobs j USING reached WHERE j.id = reached.id RETURNING j.*
  ), ${endJobs({
    relation: "canceled",
    set: { state: toState("cancel"), ended_at: "now()" },
    name: "ended_late",
  })}, answered_late AS (
    DELETE FROM millrace.cancel_requests AS asked USING late
    WHERE asked.job_id = late.job_id AND (NOT late.is_waiting OR late.job_id IN (SELECT id FROM canceled))
  )
  SELECT id, next_state AS state, queue, worker_id, charged FROM settled WHERE ${NOTIFIED}
  UNION ALL
  SELECT id, ${toState("cancel")}, NULL, NULL, NULL FROM canceled
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL WHERE ${HAS_CHORES}`;

/** A run that was taken back. The other rows are a job that was canceled while it was queued, and chores. */
interface SettledRow {
  id: string;
  state: JobState;
  queue: string;
  worker_id: string;
  charged: boolean;
}

type Nulls<Keys extends string> = Record<Keys, null>;

type Row =
  | SettledRow
  | (Pick<SettledRow, "id" | "state"> & Nulls<"queue" | "worker_id" | "charged">)
  | Nulls<keyof SettledRow>;

/**
 * Takes back runs whose lease ran out, claim by claim, until at least `limit` runs are taken back. With `claimIds`,
 * takes back only runs of these claims.
 */
export async function recoverJobs(
  db: Executor,
  maxCrashes: number,
  limit: number,
  claimIds: readonly string[] | null = null,
): Promise<RecoveredRuns> {
  const { rows } = await db.query(RECOVER, [maxCrashes, limit, "-infinity", claimIds]);
  const found = rows as Row[];
  const jobs = found.filter((row) => row.id !== null);
  const idsIn = (state: JobState) => jobs.filter((row) => row.state === state).map((row) => row.id);
  return {
    requeued: idsIn(TRANSITIONS.recover.to),
    failed: idsIn(TRANSITIONS.failCrashed.to),
    canceled: idsIn(TRANSITIONS.cancelCrashed.to),
    hasChores: jobs.length < found.length,
    takenBack: jobs
      .filter((row) => row.queue !== null)
      .map((row) => ({
        queue: row.queue,
        workerId: row.worker_id,
        hasCrashed: row.charged,
        hasFailed: row.state === TRANSITIONS.failCrashed.to,
        isCanceled: row.state === TRANSITIONS.cancelCrashed.to,
      })),
  };
}
