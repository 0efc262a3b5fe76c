import { type Job, type JobAttempt, type JobFilter, traceIdsOf } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import { durationText } from "./duration-text.ts";
import { escapeLines } from "./escape-control.ts";
import { relativeText, whenText } from "./relative-text.ts";
import { settingsText } from "./settings-text.ts";
import { shortId } from "./short-id.ts";
import { block, type Cell, cut, fields, table } from "./table.ts";
import type { Paint, View } from "./view.ts";

const STATE_PAINTS: Partial<Record<JobState, Paint>> = {
  running: "active",
  completed: "good",
  failed: "bad",
  canceled: "faint",
};

/** A job's state as a cell with the state's colour. */
export function stateCell(state: JobState): Cell {
  const kind = STATE_PAINTS[state];
  return kind === undefined ? state : { value: state, paint: kind };
}

/**
 * Formats jobs for people: a table with one job in each row. A list of failed jobs shows their errors, and a list of
 * running jobs shows who runs them.
 */
export function jobsTable(
  view: View,
  jobs: readonly Job[],
  { state }: Pick<JobFilter, "state"> = {},
): string {
  if (jobs.length === 0) return "No jobs.";
  if (state === "failed") return failedTable(view, jobs);
  if (state === "running") return runningTable(view, jobs);
  return table(
    view,
    ["ID", "STATE", cut("QUEUE"), cut("TYPE"), "TRIES", view.absolute ? "AT" : "WHEN"],
    jobs.map((job) => [
      shortId(job.id),
      stateCell(job.state),
      job.queue,
      job.type,
      triesText(job),
      jobWhen(view, job),
    ]),
  );
}

function failedTable(view: View, jobs: readonly Job[]): string {
  return table(
    view,
    ["ID", cut("QUEUE"), cut("TYPE"), "TRIES", "FAILED", cut("ERROR")],
    jobs.map((job) => [
      shortId(job.id),
      job.queue,
      job.type,
      triesText(job),
      job.updatedAt,
      { value: firstLine(job.lastError), paint: "bad" },
    ]),
  );
}

function runningTable(view: View, jobs: readonly Job[]): string {
  return table(
    view,
    ["ID", cut("QUEUE"), cut("TYPE"), "TRIES", cut("WORKER"), view.absolute ? "SINCE" : "FOR"],
    jobs.map((job) => [
      shortId(job.id),
      job.queue,
      job.type,
      triesText(job),
      job.workerId,
      sinceText(view, job.lastRunAt),
    ]),
  );
}

/** Formats since when something runs: for how long, or the instant in an absolute view. */
export function sinceText(view: View, begunAt: Date | null): string | null {
  if (begunAt === null) return null;
  return view.absolute ? whenText(view, begunAt) : durationText(view.now.getTime() - begunAt.getTime());
}

/** The first line of an error; null without an error. */
export function firstLine(error: string | null): string | null {
  return error === null ? null : (error.split(/\r?\n/, 1)[0] ?? "");
}

function triesText({ attempts, maxAttempts }: Job): string {
  return `${attempts}/${maxAttempts}`;
}

/** The time that matters about a job: when it is due, for how long it runs, or when it ended. */
function jobWhen(view: View, job: Job): string {
  if (job.state === "running") {
    if (job.lastRunAt === null) return "not begun";
    return view.absolute ? `since ${whenText(view, job.lastRunAt)}` : `for ${sinceText(view, job.lastRunAt)}`;
  }
  if (job.state !== "queued") return whenText(view, job.updatedAt);
  if (job.runAt === null) return "waits";
  if (view.absolute) return `due ${whenText(view, job.runAt)}`;
  return job.runAt > view.now
    ? relativeText(job.runAt, view.now)
    : `due ${relativeText(job.runAt, view.now)}`;
}

/** Formats one job for people, with the attempts that did not complete the job. */
export function jobText(
  view: View,
  job: Job,
  { attempts, waitsForWorker }: { attempts: readonly JobAttempt[]; waitsForWorker: boolean },
): string {
  const json = (heading: string, value: unknown) =>
    block(heading, escapeLines(JSON.stringify(value, null, 2)));
  return [
    jobFields(view, job, waitsForWorker),
    json("Payload", job.payload),
    ...(Object.keys(job.metadata).length === 0 ? [] : [json("Metadata", job.metadata)]),
    ...(job.progress === null ? [] : [json("Progress", job.progress)]),
    ...(job.output === null ? [] : [json("Output", job.output)]),
    ...(job.lastError === null ? [] : [block("Last error", escapeLines(job.lastError))]),
    attempts.length === 0
      ? "No attempts that did not complete the job."
      : `Attempts that did not complete the job\n${attemptsTable(view, attempts)}`,
  ].join("\n\n");
}

function jobFields(view: View, job: Job, waitsForWorker: boolean): string {
  return fields(view, [
    ["Id", job.id],
    ["Type", job.type],
    ["Queue", job.queue],
    ["State", waitsForWorker ? `${job.state}: waits for a worker that has the task ${job.type}` : job.state],
    ["Priority", job.priority],
    ["Attempts", `${job.attempts} of ${job.maxAttempts}`],
    ["Crashes", job.crashes],
    ["Run at", job.runAt ?? "never: it waits for something else than time"],
    ["Start by", job.startBy],
    ["Last run at", job.lastRunAt],
    ["Worker", job.workerId],
    ["Lease until", job.leaseUntil],
    ["Idempotency key", job.idempotencyKey],
    ["Tags", job.tags.length === 0 ? null : job.tags.join(", ")],
    ["Settings", settingsText(job.settings)],
    ["Schedule id", job.scheduleId],
    ["Tick at", job.tickAt],
    ["Trace id", job.traceContext === null ? null : traceIdsOf(job.traceContext).traceId],
    ["Created at", job.createdAt],
    ["Updated at", job.updatedAt],
    ["Completed at", job.completedAt],
    ["Canceled at", job.canceledAt],
    ["Cancel requested at", job.cancelRequestedAt],
  ]);
}

function attemptsTable(view: View, attempts: readonly JobAttempt[]): string {
  return table(
    view,
    ["TRY", "OUTCOME", cut("WORKER"), "STARTED", "FINISHED", cut("ERROR")],
    attempts.map((attempt) => [
      attempt.attempt,
      attempt.outcome,
      attempt.workerId,
      attempt.startedAt,
      attempt.finishedAt,
      firstLine(attempt.error),
    ]),
  );
}
