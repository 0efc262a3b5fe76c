import type { z } from "@hono/zod-openapi";
import { type Job, type JobAttempt, type JobTexts, traceIdsOf } from "@millrace/queue";
import type { jobDetail, jobSummary } from "../contract/job.ts";
import { iso } from "../iso.ts";
import type { RedactedJson } from "../redact/redact-json.ts";
import type { Redactor } from "../redact/redactor.ts";
import { HIDDEN } from "../rights.ts";

type JobSummary = z.input<typeof jobSummary>;
type JobDetail = z.input<typeof jobDetail>;

/** The greatest payload that has a preview, in bytes. */
export const PREVIEWED_BYTES_MAX = 2_000;

/** How many characters a preview of a payload and of an error has at most. */
const PREVIEW_LENGTH_MAX = 200;
const ERROR_LENGTH_MAX = 300;

/** How many attempts a job's answer has at most: the last ones. */
export const ATTEMPTS_MAX = 200;

/** Returns a job for a list. The payload is redacted first, and then cut. */
export function summaryOf(job: Job, payload: string | null, redact: Redactor): JobSummary {
  return {
    id: job.id,
    state: job.state,
    queue: job.queue,
    type: job.type,
    priority: job.priority,
    runAt: iso(job.runAt),
    attempts: job.attempts,
    maxAttempts: job.maxAttempts,
    crashes: job.crashes,
    workerId: job.workerId,
    lastRunAt: iso(job.lastRunAt),
    leaseUntil: iso(job.leaseUntil),
    cancelRequestedAt: iso(job.cancelRequestedAt),
    lastError: firstLine(job.lastError),
    idempotencyKey: job.idempotencyKey,
    scheduleId: job.scheduleId,
    tickAt: iso(job.tickAt),
    startBy: iso(job.startBy),
    tags: [...job.tags],
    createdAt: iso(job.createdAt),
    updatedAt: iso(job.updatedAt),
    finishedAt: iso(finishedAt(job)),
    payloadPreview: payload === null ? null : cut(redact.text(payload).text, PREVIEW_LENGTH_MAX),
  };
}

/** What the answer about one job is made of. */
export interface JobParts {
  job: Job;
  texts: JobTexts;
  attempts: readonly JobAttempt[];
  scheduleName: string | null;
}

/** Returns all that the API tells of one job. */
export function detailOf({ job, texts, attempts, scheduleName }: JobParts, redact: Redactor): JobDetail {
  const payload = redactedText(texts.payload, redact);
  const metadata = redact.text(texts.metadata);
  const output = optionalText(job.output !== null, texts.output, redact);
  const progress = optionalText(job.progress !== null, texts.progress, redact);
  const hits = new Set([payload, metadata, output, progress].flatMap((each) => each?.hits ?? []));
  const isHidden = texts.payload === HIDDEN;
  const small =
    !isHidden && texts.payload !== null && Buffer.byteLength(texts.payload) <= PREVIEWED_BYTES_MAX;
  return {
    ...summaryOf(job, small ? texts.payload : null, redact),
    payload: payload.text,
    output: output?.text ?? null,
    progress: progress?.text ?? null,
    metadata: metadata.text,
    settings: { ...job.settings },
    traceId: job.traceContext === null ? null : traceIdsOf(job.traceContext).traceId,
    error: job.lastError,
    attemptsMade: attempts.map((attempt) => ({
      attempt: attempt.attempt,
      workerId: attempt.workerId,
      startedAt: iso(attempt.startedAt),
      finishedAt: iso(attempt.finishedAt),
      outcome: attempt.outcome,
      error: attempt.error,
    })),
    scheduleName,
    redacted: isHidden ? ["payload", "output"] : redact.paths.filter((path) => hits.has(path)),
  };
}

function redactedText(text: string | null, redact: Redactor): RedactedJson {
  return text === null ? redact.unread : redact.text(text);
}

/** Null for a text that the job does not have, and a redacted one for a text that is too long. */
function optionalText(exists: boolean, text: string | null, redact: Redactor): RedactedJson | null {
  return text === null && !exists ? null : redactedText(text, redact);
}

/** When a job completed, failed or was canceled. */
function finishedAt(job: Job): Date | null {
  switch (job.state) {
    case "completed":
      return job.completedAt;
    case "canceled":
      return job.canceledAt;
    case "failed":
      return job.updatedAt;
    case "queued":
    case "running":
      return null;
    default:
      return job satisfies never;
  }
}

function firstLine(error: string | null): string | null {
  const line = error?.split(/\r?\n/, 20).find((each) => each.trim() !== "");
  return line === undefined ? null : cut(line.trim(), ERROR_LENGTH_MAX);
}

/** Cuts a text without cutting a character in two. */
function cut(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, "");
}
