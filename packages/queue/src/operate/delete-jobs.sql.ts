import type { Executor } from "@millrace/base";
import { ID_TEXT } from "../job/places.sql.ts";
import { tellOfLeaving } from "../wake/end-jobs.sql.ts";
import { isActive, RUNNING } from "../wake/free-followers.sql.ts";
import { type StepJobs, stepParts } from "./bulk-step.ts";
import type { Fits } from "./selection.sql.ts";
import {
  changedJobs,
  NOTHING_CHANGED,
  runStep,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  type StepStatement,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/** The CTEs that tell of the deletion of queued jobs, as of their end. */
const TOLD = `${tellOfLeaving("gone", { relation: "gone_waiting_jobs", id: "r.id", hasKeys: "r.key IS NOT NULL" })}, `;

/**
 * The CTEs that delete the keys of the jobs in `gone`, with one exception: a job that waited for another job of its key,
 * or was canceled while it waited, gives the key back to that job, if that job has not ended. Otherwise an enqueue with
 * the key would make a job that runs beside it.
 */
const KEYS_LEFT = `${RUNNING}, heirs AS MATERIALIZED (
    SELECT waited.id, waited.key, waited.first
    FROM (SELECT id, key, CASE WHEN after ~ '${ID_TEXT}' THEN after::uuid END AS first FROM gone) AS waited
    WHERE waited.first IS NOT NULL AND waited.first NOT IN (SELECT id FROM gone) AND ${isActive("waited.first")}
  ), inherited AS (
    UPDATE millrace.job_keys k SET job_id = heirs.first FROM heirs WHERE k.key = heirs.key AND k.job_id = heirs.id
  ), keys AS (
    DELETE FROM millrace.job_keys k USING gone
    WHERE k.key = gone.key AND k.job_id = gone.id AND gone.id NOT IN (SELECT id FROM heirs)
  )`;

/**
 * Builds a statement that deletes the fitting jobs of one step, with their attempts, keys and large payloads. `most` is
 * SQL for how many jobs the step deletes at most. If the step is recorded, the statement also returns the deleted jobs.
 *
 * Guarantees: leaves running jobs and locked rows unchanged. A follower of a deleted queued job is due, and whoever
 * waits for the job's end is told. The key of a deleted follower goes back to the job that it waited for.
 * Index: the primary keys of the tables, job by job, and waiting_jobs_after_idx. Reads the ids of all claims if a
 * follower is deleted.
 * No row: never.
 */
export function deleteStatement(
  fits: Omit<Fits, "running_jobs">,
  { most, isRecorded = false }: { most?: string; isRecorded?: boolean } = {},
): StepStatement {
  const tables = Object.entries(fits) as ["waiting_jobs" | "ended_jobs", string][];
  const deletions = tables.map(
    ([table, condition]) => `${stillFitting(`fitting_${table}`, table, condition)}, gone_${table} AS (
    DELETE FROM millrace.${table} j USING fitting_${table} AS fitting WHERE j.ctid = fitting.row_ctid
    RETURNING j.id, j.idempotency_key AS key, ${table === "ended_jobs" ? "j.state" : "'queued'"} AS state,
              j.settings ->> 'after' AS after
  )`,
  );
  return stepStatement(
    fits,
    `${deletions.join(", ")}, ${fits.waiting_jobs === undefined ? "" : TOLD}gone AS (
    ${tables.map(([table]) => `SELECT id, key, state, after FROM gone_${table}`).join(" UNION ALL ")}
  ), past AS (
    DELETE FROM millrace.job_attempts a USING gone WHERE a.job_id = gone.id
  ), ${KEYS_LEFT}, payloads AS (
    DELETE FROM millrace.job_payloads p USING gone WHERE p.job_id = gone.id
  )
  SELECT (SELECT count(*) FROM gone)::int AS changed, ${changedJobs(isRecorded, "gone", "b.state")}${STEP_ENDED}`,
    most,
  );
}

/** The SQL condition that a job `j` does not hold a key for a period. A job that holds such a key is not deleted. */
export const KEY_IS_FREE = `NOT EXISTS (
      SELECT FROM millrace.job_keys k
      WHERE k.key = j.idempotency_key AND k.job_id = j.id AND k.scope = 'period' AND k.until > now())`;

/** Where `deleteMany` finds jobs: queued and ended ones that do not hold a key for a period. */
export function deletable({ waiting_jobs, ended_jobs }: Fits): Omit<Fits, "running_jobs"> {
  return {
    ...(waiting_jobs === undefined ? {} : { waiting_jobs: `(${waiting_jobs} AND ${KEY_IS_FREE})` }),
    ...(ended_jobs === undefined ? {} : { ended_jobs: `(${ended_jobs} AND ${KEY_IS_FREE})` }),
  };
}

/** Deletes one step's jobs, with their attempts. */
export async function deleteJobs(db: Executor, range: StepRange, jobs: StepJobs): Promise<StepResult> {
  const { fits, values, ...parts } = stepParts(jobs);
  const row = await runStep(db, deleteStatement(deletable(fits), parts), { range, values });
  return (row as StepResult | undefined) ?? NOTHING_CHANGED;
}
