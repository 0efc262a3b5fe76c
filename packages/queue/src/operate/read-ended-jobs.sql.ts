import type { Executor } from "@millrace/base";
import { FINAL_STATES } from "@millrace/schema/values";
import type { CanceledJob, CompletedJob, FailedJob, Job } from "../job/job.ts";
import { rowToJob } from "../job/row-to-job.ts";

/** A job that has ended. */
export type EndedJob = CompletedJob | FailedJob | CanceledJob;

/**
 * Guarantees: reads only.
 * Index: the primary key of ended_jobs.
 * No row: the job has not ended, or no job has this id.
 */
const READ_ENDED = `
  SELECT j.* FROM millrace.jobs j
  WHERE j.id = ANY($1::uuid[]) AND j.state IN (${FINAL_STATES.map((state) => `'${state}'`).join(", ")})`;

/** Reads those of the given jobs that have ended. Returns the jobs by id. */
export async function readEndedJobs(db: Executor, ids: readonly string[]): Promise<Map<string, EndedJob>> {
  const { rows } = await db.query(READ_ENDED, [ids]);
  return new Map(
    rows
      .map(rowToJob)
      .filter(hasEnded)
      .map((job) => [job.id, job]),
  );
}

function hasEnded(job: Job): job is EndedJob {
  return job.state !== "queued" && job.state !== "running";
}
