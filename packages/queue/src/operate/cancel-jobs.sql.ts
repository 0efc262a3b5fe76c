import type { Executor } from "@millrace/base";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { type StepJobs, type StepParts, stepParts } from "./bulk-step.ts";
import { endAsCanceled, FREED_FOLLOWER, KEY_HOLDER, NOTIFY_WORKER, requestCancel } from "./cancel-job.sql.ts";
import {
  NOTHING_CHANGED,
  recorded,
  runStep,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/** An array of the running jobs of a step that fit. */
const RUNNING = "ARRAY(SELECT step.id FROM step WHERE step.fits AND step.source = 'running_jobs')";

/** The CTE of the jobs that a step changed, for the record of the step. */
const CHANGED = `, changed AS (
    SELECT canceled.id, 'queued' AS state, ${FREED_FOLLOWER} AS follower, ${KEY_HOLDER} AS key_holder
    FROM canceled
    UNION ALL
    SELECT running.id, 'running', NULL, NULL FROM running
  )`;

/** SQL for the record of the changed jobs, as JSON text. */
const RECORDS = `(
      SELECT coalesce(json_agg(json_strip_nulls(
               json_build_object(
                 'id', b.id, 'state', b.state, 'follower', b.follower, 'keyHolder', b.key_holder))), '[]')::text
      FROM changed AS b)`;

/**
 * Guarantees: of one step's jobs, cancels the fitting queued jobs, and requests a cancel of the fitting running jobs.
 * Leaves ended and locked jobs unchanged.
 * Index: the primary key of waiting_jobs, job by job; reads all claims.
 * No row: never.
 *
 * `missed` has the fitting queued jobs that were locked, changed, or claimed during the statement.
 */
const cancel = ({ fits, most, isRecorded }: StepParts) =>
  stepStatement(
    fits,
    `${stillFitting("fitting", "waiting_jobs", { guard: fits.waiting_jobs ?? "false" })}, canceled AS (
    DELETE FROM millrace.waiting_jobs j USING fitting WHERE j.${ROW_ADDRESS} = fitting.row_address
    RETURNING j.*
  ), ${endAsCanceled("canceled")}, running AS MATERIALIZED (
    SELECT r.id, r.lease_token FROM millrace.running_jobs r
    WHERE r.claim_ids && ${RUNNING} AND r.id = ANY(${RUNNING})
  ), asked AS (
    ${requestCancel("running")}
  ), notified AS MATERIALIZED (
    SELECT ${NOTIFY_WORKER} FROM running
  )${isRecorded ? CHANGED : ""}
  SELECT (SELECT count(*) FROM canceled)::int AS changed, (SELECT count(*) FROM notified)::int AS asked,
         ARRAY(SELECT step.id FROM step
               WHERE step.fits AND step.source = 'waiting_jobs' AND step.id NOT IN (SELECT id FROM canceled))::text[]
           AS missed, ${recorded(isRecorded, RECORDS)}${STEP_ENDED}`,
    most,
  );

/** The result of one step of `cancelMany`. */
export interface CancelStep extends StepResult {
  /** For how many running jobs a cancel was requested. */
  asked: number;
}

/** How often a step is tried in all, because jobs were claimed or locked during the step. */
const ROUNDS_MAX = 3;

/** Cancels one step's jobs. Requests a cancel of jobs that a worker claims during the step. */
export async function cancelJobs(db: Executor, range: StepRange, jobs: StepJobs): Promise<CancelStep> {
  const parts = stepParts(jobs);
  const statement = cancel(parts);
  const total = { ...NOTHING_CHANGED, asked: 0 };
  const records: string[] = [];
  let next = range;
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const step = (await runStep(db, statement, { range: next, values: parts.values })) as
      | (CancelStep & { missed: string[] })
      | undefined;
    if (step === undefined) break;
    total.changed += step.changed;
    total.asked += step.asked;
    if (step.before !== undefined) records.push(step.before.slice(1, -1));
    if (round === 1) {
      total.fitted = step.fitted;
      total.lastId = step.lastId;
    }
    if (step.missed.length === 0) break;
    next = { ids: step.missed };
  }
  return { ...total, before: `[${records.filter((each) => each !== "").join(",")}]` };
}
