import type { JobDetail } from "@millrace/api/client";

/** A run of a job in its timeline: how long the job waited before it, how long it ran, and how it ended. */
export interface AttemptSpan {
  attempt: number;
  /** `retried`, `failed`, `canceled`, `crashed`, `released`, `completed`, or `running` for the run under way. */
  outcome: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** How long the job waited: since it was created, or since the end of the run before. Null if that is not known. */
  waitMs: number | null;
  /** How long the run took; null for one that has not begun or not ended. */
  runMs: number | null;
  workerId: string | null;
  error: string | null;
}

/**
 * The runs of a job, the first one first. Runs that did not complete the job are recorded one by one; the run that
 * completed it, and the run under way, stand in the job itself.
 */
export function attemptSpans(job: JobDetail): AttemptSpan[] {
  const { attemptsMade, createdAt, state, lastRunAt, attempts } = job;
  const spans: AttemptSpan[] = [];
  let since: string = createdAt;
  for (const { attempt, outcome, startedAt, finishedAt, workerId, error } of attemptsMade) {
    spans.push({
      attempt,
      outcome,
      startedAt,
      finishedAt,
      waitMs: lengthMs(since, startedAt),
      runMs: lengthMs(startedAt, finishedAt),
      workerId,
      error,
    });
    since = finishedAt;
  }
  if (state !== "running" && state !== "completed") return spans;
  const finishedAt = state === "completed" ? job.finishedAt : null;
  spans.push({
    attempt: attempts,
    outcome: state,
    startedAt: lastRunAt,
    finishedAt,
    waitMs: lengthMs(since, lastRunAt),
    runMs: lengthMs(lastRunAt, finishedAt),
    workerId: job.workerId,
    error: null,
  });
  return spans;
}

function lengthMs(from: string | null, to: string | null): number | null {
  if (from === null || to === null) return null;
  const length = Date.parse(to) - Date.parse(from);
  return Number.isNaN(length) || length < 0 ? null : length;
}
