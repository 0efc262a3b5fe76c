import type { Executor } from "@millrace/base";
import { ID_TEXT, isOpen } from "../job/places.sql.ts";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { tellOfLeaving } from "../wake/end-jobs.sql.ts";
import { type StepJobs, stepParts } from "./bulk-step.ts";
import type { Fits } from "./selection.sql.ts";
import {
  NOTHING_CHANGED,
  recorded,
  runStep,
  STEP_ENDED,
  type StepRange,
  type StepResult,
  type StepStatement,
  stateRecords,
  stepStatement,
  stillFitting,
} from "./walk-step.sql.ts";

/** The CTEs that tell waiters and followers of deleted queued jobs, as if the jobs had ended. */
const TOLD = `${tellOfLeaving("gone", { relation: "gone_waiting_jobs", id: "r.id", hasKeys: "r.key IS NOT NULL" })}, `;

/**
 * The CTEs that delete the keys of the jobs in `gone`, with one exception: a job that waited for another job of its
 * key, or was canceled while it waited, gives the key back to that job, if that job has not ended, and nobody changed
 * its key. Otherwise an enqueue with the key would make a job that runs beside it.
 *
 * A queued job that gets its key back is updated, if nobody has locked it: a change of its key at the same time does
 * not see that key yet, and is tried again when it finds the job updated. A job that a worker claims meanwhile also
 * gets its key back.
 */
const KEYS_LEFT = `waited AS MATERIALIZED (
    SELECT follower.* FROM (
      SELECT id, key, CASE WHEN after ~ '${ID_TEXT}' THEN after::uuid END AS first FROM gone
    ) AS follower
    WHERE first IS NOT NULL AND first NOT IN (SELECT id FROM gone)
  ), running AS MATERIALIZED (
    SELECT job.id, job.key
    FROM millrace.claims c, LATERAL unnest(c.ids, c.idempotency_keys) WITH ORDINALITY AS job(id, key, ordinal)
    WHERE c.idempotency_keys IS NOT NULL AND ${isOpen("job.ordinal")}
  ), heirs AS MATERIALIZED (
    SELECT waited.* FROM waited
    WHERE EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = waited.first AND w.idempotency_key = waited.key)
       OR (waited.first, waited.key) IN (SELECT running.id, running.key FROM running)
  ), to_touch AS MATERIALIZED (
    SELECT job.row_address FROM heirs, LATERAL (
      SELECT w.${ROW_ADDRESS} AS row_address FROM millrace.waiting_jobs w
      WHERE w.id = heirs.first FOR UPDATE SKIP LOCKED
    ) AS job
  ), touched AS (
    UPDATE millrace.waiting_jobs w SET updated_at = now() FROM to_touch WHERE w.${ROW_ADDRESS} = to_touch.row_address
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
    ([
      table,
      condition,
    ]) => `${stillFitting(`fitting_${table}`, table, { guard: condition })}, gone_${table} AS (
    DELETE FROM millrace.${table} j USING fitting_${table} AS fitting WHERE j.${ROW_ADDRESS} = fitting.row_address
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
  SELECT (SELECT count(*) FROM gone)::int AS changed,
         ${recorded(isRecorded, stateRecords("gone", "b.state"))}${STEP_ENDED}`,
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
