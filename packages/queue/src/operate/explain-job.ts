import { type Executor, isUuid } from "@millrace/base";
import { JobNotFoundError } from "../errors.ts";
import type { QueuedJob } from "../job/job.ts";
import { checkId } from "./check-id.ts";
import { explainEnded } from "./explain-ended.ts";
import { explainQueued, transactionText } from "./explain-queued.ts";
import { explainRunning } from "./explain-running.ts";
import { durationText } from "./figures-text.ts";
import type { JobExplanation, JobReason } from "./job-explanation.ts";
import { type JsonOption, readsJson } from "./json-option.ts";
import { findOldTransaction } from "./old-transaction.sql.ts";
import { readQueueSettings } from "./queue-settings.sql.ts";
import { readQueuedFacts } from "./queued-facts.sql.ts";
import { findJob } from "./read-jobs.sql.ts";
import { findRowLocker, isRowLocked } from "./row-lock.sql.ts";
import { readWorkerFacts } from "./worker-facts.sql.ts";

/** A transaction of the database is a reason from this age on, in ms. */
const OLD_MS = 60_000;

/** How often a job that moves between two statements is looked up. A job that moves more often is in a tight loop. */
const ROUNDS_MAX = 10;

/**
 * Tells why a job is not running, where it runs, or what became of it. Throws `InvalidOptionError`, and
 * `JobNotFoundError` (`JOB_NOT_FOUND`) if no job has this id.
 */
export async function explainJob(
  db: Executor,
  id: string,
  options: JsonOption = {},
): Promise<JobExplanation> {
  checkId("id", id);
  const json = readsJson(options);
  for (let round = 1; ; round += 1) {
    const explanation = await explainOnce(db, id, { json, isLast: round === ROUNDS_MAX });
    if (explanation !== null) return explanation;
  }
}

/** Returns null if the job moved between two statements, unless this is the last round. */
async function explainOnce(
  db: Executor,
  id: string,
  { json, isLast }: { json: boolean; isLast: boolean },
): Promise<JobExplanation | null> {
  const job = await findJob(db, id, { json });
  if (job === null) throw new JobNotFoundError(id);
  switch (job.state) {
    case "queued": {
      const reasons = await queuedReasons(db, job);
      if (reasons === null) return isLast ? { job, reasons: [MOVES] } : null;
      return { job, reasons: [...reasons, ...(await oldTransaction(db))] };
    }
    case "running": {
      const facts = await readWorkerFacts(db, job.workerId);
      return { job, reasons: [...explainRunning(job, facts), ...(await oldTransaction(db))] };
    }
    case "completed":
    case "failed":
    case "canceled":
      return { job, reasons: explainEnded(job, await readQueueSettings(db, job.queue)) };
    default:
      return job satisfies never;
  }
}

/** The reason of a job that was queued in each round, and claimed before it could be looked at. */
const MOVES: JobReason = {
  code: "due-now",
  workers: 1,
  dueForMs: 0,
  text: "Workers keep claiming the job and giving it back. Look at its attempts.",
};

/** Returns null if the job is not queued any more. */
async function queuedReasons(db: Executor, job: QueuedJob): Promise<JobReason[] | null> {
  const facts = await readQueuedFacts(db, job.id);
  if (facts === null) return null;
  // SQL may have put any text into the settings.
  const other =
    facts.after === null || !isUuid(facts.after) ? null : await findJob(db, facts.after, { json: false });
  const afterState = other?.state ?? null;
  // Without the right to lock the row, only PostgreSQL's list of locks can tell.
  if (!facts.mayLock) {
    const by = facts.wasLocked ? await findRowLocker(db, job.id) : null;
    return explainQueued(job, { facts, afterState, lock: by === null ? null : { by } });
  }
  // A row that nobody ever locked need not be tried.
  if (!facts.wasLocked || !(await isRowLocked(db, job.id))) {
    return explainQueued(job, { facts, afterState, lock: null });
  }
  const by = await findRowLocker(db, job.id);
  // A worker that claims the job at this moment has locked it, too: then the job is not queued any more.
  if (!(await isRowLocked(db, job.id))) return explainQueued(job, { facts, afterState, lock: null });
  if ((await readQueuedFacts(db, job.id)) === null) return null;
  return explainQueued(job, { facts, afterState, lock: { by } });
}

async function oldTransaction(db: Executor): Promise<JobReason[]> {
  const found = await findOldTransaction(db, OLD_MS);
  if (found === null) return [];
  const text =
    `A transaction (${transactionText(found)}) has lasted ${durationText(found.ageMs)}. ` +
    "PostgreSQL cannot clean up behind it, so all claims become slower until it ends.";
  return [{ ...found, text }];
}
