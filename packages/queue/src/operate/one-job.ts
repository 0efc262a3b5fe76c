import { checkText, type Executor } from "@millrace/base";
import type { JobState } from "@millrace/schema/values";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { JobNotFoundError, JobStateError, JobWaitsError } from "../errors.ts";
import type { Job } from "../job/job.ts";
import { TRANSITIONS } from "../job/transitions.ts";
import { type Canceled, cancelJob } from "./cancel-job.sql.ts";
import { changeQueuedJob, checkChange, type JobChange } from "./change-job.ts";
import { checkId } from "./check-id.ts";
import { type JsonOption, readsJson } from "./json-option.ts";
import { findJob, findJobByKey } from "./read-jobs.sql.ts";
import { type Requeued, retryJob } from "./retry-job.sql.ts";
import { runJobNow } from "./run-job-now.sql.ts";

/** The result of `cancel`: the job is canceled, or a cancel of its run was requested. */
export type CancelResult = Canceled["result"];

/** Returns a job. Throws `JobNotFoundError`. */
export async function get(db: Executor, id: string, options: JsonOption): Promise<Job> {
  const job = await findJob(db, checkId("id", id), { json: readsJson(options) });
  if (job === null) throw new JobNotFoundError(id);
  return job;
}

/** Returns the job that has an idempotency key; null if none has. */
export async function findByKey(db: Executor, key: string): Promise<Job | null> {
  return findJobByKey(db, checkText("key", key, 255));
}

/** Cancels a queued job, or requests a cancel of a running one. Throws `JobNotFoundError`, `JobStateError`. */
export async function cancel(db: Executor, id: string): Promise<Canceled> {
  const from = [...TRANSITIONS.cancel.from, ...TRANSITIONS.honourCancel.from];
  return untilDone(db, { id, command: "cancel", from }, () => cancelJob(db, id));
}

/** Queues an ended job again. Throws `JobNotFoundError`, `JobStateError`, `JobWaitsError`. */
export async function retry(db: Executor, id: string, options: InsertOptions): Promise<void> {
  const asked = { id, command: "retry", from: TRANSITIONS.retry.from };
  await requeue(db, asked, () => retryJob(db, id, options));
}

/** Makes a queued job due now. Throws `JobNotFoundError`, `JobStateError`, `JobWaitsError`. */
export async function runNow(db: Executor, id: string, options: InsertOptions): Promise<void> {
  const asked = { id, command: "run now", from: TRANSITIONS.runNow.from };
  await requeue(db, asked, () => runJobNow(db, id, options));
}

/** Changes a queued job. Throws `InvalidJobError`, and what `changeQueuedJob` throws. */
export async function change(
  db: Executor,
  id: string,
  { change, options }: { change: JobChange; options: InsertOptions },
): Promise<Job> {
  const checked = checkChange(change);
  const asked = { id, command: "change", from: TRANSITIONS.change.from };
  return untilDone(db, asked, () => changeQueuedJob(db, id, { change: checked, options }));
}

/** A command on one job, for errors. */
interface Asked {
  id: string;
  command: string;
  /** The states that allow the command. */
  from: readonly JobState[];
}

async function requeue(db: Executor, asked: Asked, attempt: () => Promise<Requeued | null>): Promise<void> {
  const { waitsFor } = await untilDone(db, asked, attempt);
  if (waitsFor === null) return;
  throw new JobWaitsError(await get(db, asked.id, {}), asked.command, waitsFor);
}

/** How often a command is tried when the job moves each time. A job that moves more often runs in a tight loop. */
const ROUNDS_MAX = 10;

/**
 * Tries a command until it changes the job. If the command finds no job to change, looks at the job: throws
 * `JobNotFoundError` if there is none, and `JobStateError` if its state does not allow the command. Otherwise the job
 * moved between the two statements, and the command is tried again.
 */
async function untilDone<Result>(
  db: Executor,
  { id, command, from }: Asked,
  attempt: () => Promise<Result | null>,
): Promise<Result> {
  checkId("id", id);
  for (let round = 1; ; round += 1) {
    const result = await attempt();
    if (result !== null) return result;
    const job = await get(db, id, {});
    if (!from.includes(job.state) || round === ROUNDS_MAX) throw new JobStateError(job, command, from);
  }
}
