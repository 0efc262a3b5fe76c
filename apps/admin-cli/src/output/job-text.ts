import type { Job, JobAttempt } from "@millrace/queue";
import { escapeLines } from "./escape-control.ts";
import { block, fields, table } from "./table.ts";

/** Formats jobs for people: a table with one job in each row. */
export function jobsTable(jobs: readonly Job[]): string {
  if (jobs.length === 0) return "No jobs.";
  return table(
    ["ID", "STATE", "QUEUE", "TYPE", "ATTEMPTS", "RUN AT"],
    jobs.map((job) => [
      job.id,
      job.state,
      job.queue,
      job.type,
      `${job.attempts}/${job.maxAttempts}`,
      job.runAt,
    ]),
  );
}

/** Formats one job for people, with the attempts that did not complete the job. */
export function jobText(
  job: Job,
  { attempts, waitsForWorker }: { attempts: readonly JobAttempt[]; waitsForWorker: boolean },
): string {
  return [
    jobFields(job, waitsForWorker),
    block("Payload", escapeLines(JSON.stringify(job.payload, null, 2))),
    ...(job.progress === null ? [] : [block("Progress", escapeLines(JSON.stringify(job.progress, null, 2)))]),
    ...(job.output === null ? [] : [block("Output", escapeLines(JSON.stringify(job.output, null, 2)))]),
    ...(job.lastError === null ? [] : [block("Last error", escapeLines(job.lastError))]),
    attempts.length === 0
      ? "No attempts that did not complete the job."
      : `Attempts that did not complete the job\n${attemptsTable(attempts)}`,
  ].join("\n\n");
}

function jobFields(job: Job, waitsForWorker: boolean): string {
  return fields([
    ["Id", job.id],
    ["Type", job.type],
    ["Queue", job.queue],
    ["State", waitsForWorker ? `${job.state}: waits for a worker that has the task ${job.type}` : job.state],
    ["Priority", job.priority],
    ["Attempts", `${job.attempts} of ${job.maxAttempts}`],
    ["Crashes", job.crashes],
    ["Run at", job.runAt ?? "never: it waits for something else than time"],
    ["Last run at", job.lastRunAt],
    ["Worker", job.workerId],
    ["Lease until", job.leaseUntil],
    ["Idempotency key", job.idempotencyKey],
    ["Schedule id", job.scheduleId],
    ["Created at", job.createdAt],
    ["Updated at", job.updatedAt],
    ["Completed at", job.completedAt],
    ["Canceled at", job.canceledAt],
    ["Cancel requested at", job.cancelRequestedAt],
  ]);
}

function attemptsTable(attempts: readonly JobAttempt[]): string {
  return table(
    ["ATTEMPT", "OUTCOME", "WORKER", "STARTED", "FINISHED", "ERROR"],
    attempts.map((attempt) => [
      attempt.attempt,
      attempt.outcome,
      attempt.workerId,
      attempt.startedAt,
      attempt.finishedAt,
      attempt.error,
    ]),
  );
}
