import type { JobState } from "@millrace/schema/values";
import type { QueuedJob } from "../job/job.ts";
import { isSuspect } from "../job/suspect.ts";
import { firstLineOf } from "./error-fingerprint.ts";
import { countText, durationText, instantText } from "./figures-text.ts";
import type { JobReason, TransactionFigures } from "./job-explanation.ts";
import type { QueuedFacts } from "./queued-facts.sql.ts";

/** What `explainQueued` needs to know besides the job. */
export interface QueuedSituation {
  facts: QueuedFacts;
  /** The state of the job that the job waits for; null if the job waits for none, or that job is gone. */
  afterState: JobState | null;
  /** Whether a transaction has locked the job; `by` is null if PostgreSQL does not say which one. */
  lock: { by: TransactionFigures | null } | null;
}

/** Returns why a queued job is not running: at least one reason. */
export function explainQueued(job: QueuedJob, situation: QueuedSituation): JobReason[] {
  const { facts } = situation;
  const held = [
    ...timeReasons(job, situation),
    ...pauseReasons(job, facts),
    ...workerReasons(job, facts),
    ...lockReasons(situation),
  ];
  const startBy = startByReasons(job, facts);
  if (startBy.some(({ code }) => code === "start-by-passed")) {
    return [...startBy, ...held, ...suspectReasons(job)];
  }
  const turn = held.length === 0 ? [turnReason(facts)] : [];
  return [...held, ...turn, ...startBy, ...suspectReasons(job)];
}

/** Why the job is not due. */
function timeReasons(job: QueuedJob, { facts, afterState }: QueuedSituation): JobReason[] {
  const { now, runAt, after } = facts;
  if (runAt === null) return [after === null ? NO_RUN_AT : waitsForJob(job, after, afterState)];
  const dueInMs = runAt.getTime() - now.getTime();
  if (dueInMs <= 0) return [];
  const { attempts, maxAttempts, crashes } = job;
  if (job.lastError === null || attempts + crashes === 0) {
    const text = `The job is due in ${durationText(dueInMs)}, at ${instantText(runAt)}.`;
    return [{ code: "not-due", runAt, dueInMs, text }];
  }
  const lastError = firstLineOf(job.lastError);
  const crashed = crashes === 0 ? "" : ` The job crashed ${countText(crashes, "time")}.`;
  const text =
    `Used ${attempts} of ${countText(maxAttempts, "attempt")}.${crashed} ` +
    `The next attempt is due in ${durationText(dueInMs)}, at ${instantText(runAt)}. Last error: ${lastError ?? "none"}`;
  return [{ code: "backing-off", runAt, dueInMs, attempts, maxAttempts, crashes, lastError, text }];
}

const NO_RUN_AT: JobReason = {
  code: "no-run-at",
  text: "The job has no time at which it is due. Make it due with `runNow`.",
};

function waitsForJob(job: QueuedJob, jobId: string, state: JobState | null): JobReason {
  const key = job.idempotencyKey === null ? "the job's key" : `the key "${job.idempotencyKey}"`;
  const text =
    state === "queued" || state === "running"
      ? `One job of ${key} runs at a time. The job waits for the end of job ${jobId}, which is ${state}.`
      : `The job waited for job ${jobId}, which has ended or was deleted. The job is due within some seconds.`;
  return { code: "waits-for-job", jobId, state, text };
}

function pauseReasons({ queue }: QueuedJob, { now, pausedAt }: QueuedFacts): JobReason[] {
  if (pausedAt === null) return [];
  const since = durationText(now.getTime() - pausedAt.getTime());
  const text =
    `The queue "${queue}" was paused ${since} ago, at ${instantText(pausedAt)}. ` +
    "Resume the queue to run its jobs.";
  return [{ code: "queue-paused", queue, pausedAt, text }];
}

/** Why no worker can run the job. */
function workerReasons({ queue, type }: QueuedJob, facts: QueuedFacts): JobReason[] {
  const { living, claiming, able, ablePaused } = facts;
  if (able > 0 && ablePaused === able) {
    const text = `${countText(able, "worker")} could run the job, and all are paused by their programs.`;
    return [{ code: "workers-paused", workers: able, text }];
  }
  if (able > 0) return [];
  if (claiming === 0) {
    const others =
      living === 0 ? "No worker is alive" : `${countText(living, "worker")} alive, for other queues`;
    const text = `No worker that was seen in the last 30 s claims from the queue "${queue}". ${others}.`;
    return [{ code: "no-worker-for-queue", queue, workers: living, text }];
  }
  const text =
    `No living worker of the queue "${queue}" has a task for "${type}". ` +
    `${countText(claiming, "worker")} of the queue alive, with other tasks.`;
  return [{ code: "no-worker-for-type", queue, type, workers: claiming, text }];
}

function lockReasons({ lock }: QueuedSituation): JobReason[] {
  if (lock === null) return [];
  const who = lock.by === null ? "A transaction" : `A transaction (${transactionText(lock.by)})`;
  const figures = lock.by ?? { pid: null, applicationName: null, state: null, since: null, queryStart: null };
  const text = `${who} has locked the job. Claims pass the job over until that transaction ends.`;
  return [{ code: "row-locked", ...figures, text }];
}

/** What a transaction is, as text. */
export function transactionText({ pid, applicationName, state, since }: TransactionFigures): string {
  const name = applicationName === "" ? "" : `${applicationName}, `;
  return `${name}pid ${pid}, ${state}, since ${instantText(since)}`;
}

/** What a job that could run waits for. */
function turnReason({ now, runAt, able, slots, running, before, beforeIsCut }: QueuedFacts): JobReason {
  const dueForMs = Math.max(0, now.getTime() - (runAt?.getTime() ?? now.getTime()));
  const since = `The job has been due for ${durationText(dueForMs)}.`;
  if (running === 0 && before === 0 && !beforeIsCut) {
    const text = `${since} Nothing holds the job back: a worker takes it when it looks next.`;
    return { code: "due-now", workers: able, dueForMs, text };
  }
  const first = `${beforeIsCut ? "At least " : ""}${countText(before, "due job")} of its queue come first.`;
  const atATime = slots === null ? "" : `, ${countText(slots, "job")} at a time`;
  const text =
    `${since} ${first} ${countText(able, "worker")} could run it${atATime}, ` +
    `now running ${countText(running, "job")}.`;
  return { code: "workers-busy", workers: able, slots, running, before, beforeIsCut, dueForMs, text };
}

function startByReasons({ startBy }: QueuedJob, { now }: QueuedFacts): JobReason[] {
  if (startBy === null) return [];
  const leftMs = startBy.getTime() - now.getTime();
  const instant = instantText(startBy);
  if (leftMs > 0) {
    const text = `If the job has not started by ${instant}, in ${durationText(leftMs)}, it is canceled.`;
    return [{ code: "start-by", startBy, leftMs, text }];
  }
  const text = `The job had to start by ${instant}. No worker starts it any more, and it is canceled soon.`;
  return [{ code: "start-by-passed", startBy, text }];
}

function suspectReasons(job: QueuedJob): JobReason[] {
  if (!isSuspect(job)) return [];
  const { crashes } = job;
  const text =
    `The job crashed ${countText(crashes, "time")}. ` +
    "A worker runs it alone: the worker waits until its other jobs have ended, and begins no other job.";
  return [{ code: "suspect", crashes, text }];
}
