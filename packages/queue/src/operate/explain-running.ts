import type { RunningJob } from "../job/job.ts";
import { isSuspect } from "../job/suspect.ts";
import { countText, durationText, instantText } from "./figures-text.ts";
import type { JobReason } from "./job-explanation.ts";
import type { WorkerFacts } from "./worker-facts.sql.ts";

/** Returns where and since when a job runs. */
export function explainRunning(job: RunningJob, facts: WorkerFacts): JobReason[] {
  return [
    runReason(job, facts),
    ...cancelReasons(job),
    ...leaseReasons(job, facts),
    ...workerReasons(job, facts),
  ];
}

function runReason(job: RunningJob, { now }: WorkerFacts): JobReason {
  const { leaseUntil, crashes, maxAttempts, lastRunAt } = job;
  // A claim has a worker.
  const workerId = job.workerId ?? "";
  const lease = `Its lease ends at ${instantText(leaseUntil)}, unless the worker renews it.`;
  if (lastRunAt === null) {
    const text =
      `The worker ${workerId} has claimed the job, which crashed ${countText(crashes, "time")}. ` +
      `The worker begins the job once its other jobs have ended. ${lease}`;
    return { code: "waits-to-run-alone", workerId, crashes, leaseUntil, text };
  }
  const runningForMs = Math.max(0, now.getTime() - lastRunAt.getTime());
  const alone = isSuspect(job) ? " alone" : "";
  const text =
    `The job runs${alone} on the worker ${workerId} for ${durationText(runningForMs)}, ` +
    `as attempt ${job.attempts} of ${maxAttempts}. ${lease}`;
  return {
    code: "running",
    workerId,
    startedAt: lastRunAt,
    runningForMs,
    leaseUntil,
    attempt: job.attempts,
    maxAttempts,
    text,
  };
}

function cancelReasons({ cancelRequestedAt }: RunningJob): JobReason[] {
  if (cancelRequestedAt === null) return [];
  const text = `A cancel was requested at ${instantText(cancelRequestedAt)}. The job ends when its handler does.`;
  return [{ code: "cancel-requested", requestedAt: cancelRequestedAt, text }];
}

function leaseReasons({ leaseUntil }: RunningJob, { now, living }: WorkerFacts): JobReason[] {
  const endedForMs = now.getTime() - leaseUntil.getTime();
  if (endedForMs < 0) return [];
  const next =
    living === 0
      ? "No worker is alive to take the job back: start one."
      : "A living worker takes the job back, and queues it again.";
  const text =
    `The lease ended ${durationText(endedForMs)} ago: ` +
    `the worker crashed, froze or lost the database. ${next}`;
  return [{ code: "lease-ended", leaseUntil, endedForMs, livingWorkers: living, text }];
}

function workerReasons(job: RunningJob, { seenAt, isAlive }: WorkerFacts): JobReason[] {
  const workerId = job.workerId ?? "";
  if (isAlive) return [];
  const text =
    seenAt === null
      ? `The worker ${workerId} has no row in \`workers\`. It is a program that uses only \`queue.runs\`, or is gone.`
      : `The worker ${workerId} was seen last at ${instantText(seenAt)}. A living worker is seen every 10 s.`;
  return [{ code: "worker-not-seen", workerId, seenAt, text }];
}
