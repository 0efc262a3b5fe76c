import { z } from "@hono/zod-openapi";
import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import { cursor, instant, jobId, jobState, jsonText, name } from "./common.ts";

/** The filters of jobs, the same for lists, counts and commands on many jobs. A job must match every given filter. */
export const jobSelection = z
  .strictObject({
    state: jobState,
    queue: name,
    type: name,
    scheduleId: z.uuid(),
    ids: z.array(jobId).max(1_000),
    idPrefix: z.string().min(4).max(36),
    idSuffix: z.string().min(4).max(12),
    idempotencyKey: z.string().min(1).max(255),
    tags: z.array(z.string().min(1).max(100)).min(1).max(20),
    /** JSON that the payload contains, as text. */
    payloadContains: z.string().min(1).max(16_384),
    errorIncludes: z.string().min(1).max(1_000),
    createdBefore: instant,
    createdAfter: instant,
    finishedBefore: instant,
    finishedAfter: instant,
    dueBefore: instant,
  })
  .partial()
  .openapi("JobSelection");

/** A job without its payload, output and progress, which may be large. */
export const jobSummary = z
  .object({
    id: jobId,
    state: jobState,
    queue: z.string(),
    type: z.string(),
    priority: z.int(),
    /** Null: the job waits for something other than time. */
    runAt: instant.nullable(),
    attempts: z.int(),
    maxAttempts: z.int(),
    crashes: z.int(),
    workerId: z.string().nullable(),
    lastRunAt: instant.nullable(),
    leaseUntil: instant.nullable(),
    cancelRequestedAt: instant.nullable(),
    /** The first line of the last error, at most 300 characters. */
    lastError: z.string().nullable(),
    idempotencyKey: z.string().nullable(),
    scheduleId: z.uuid().nullable(),
    tickAt: instant.nullable(),
    startBy: instant.nullable(),
    tags: z.array(z.string()),
    createdAt: instant,
    updatedAt: instant,
    /** When the job completed, failed or was canceled. */
    finishedAt: instant.nullable(),
    /** The beginning of the payload's text, at most 200 characters; null for a payload of more than 2 kB. */
    payloadPreview: z.string().nullable(),
  })
  .openapi("JobSummary");

export const jobPage = z
  .object({
    jobs: z.array(jobSummary),
    /** The cursor of the next page; null after the last one. A page may have few jobs, or none, and yet have a next. */
    next: cursor.nullable(),
    /** All jobs enqueued since this instant were looked at; null when all jobs were. */
    lookedBackTo: instant.nullable(),
  })
  .openapi("JobPage");

/** A run that did not complete its job. */
export const jobAttempt = z
  .object({
    attempt: z.int(),
    workerId: z.string().nullable(),
    startedAt: instant.nullable(),
    finishedAt: instant,
    outcome: z.string(),
    /** The error with its cause, its own fields and its frames, as text. */
    error: z.string().nullable(),
  })
  .openapi("JobAttempt");

export const jobDetail = jobSummary
  .extend({
    payload: jsonText,
    output: jsonText.nullable(),
    progress: jsonText.nullable(),
    metadata: jsonText,
    /** What the job was enqueued with: backoff, timeoutMs, retentionMs, deadLetter. */
    settings: z.record(z.string(), z.unknown()),
    /** The id of the trace that the job was enqueued in, 32 hexadecimal digits. */
    traceId: z.string().nullable(),
    /** The whole last error. */
    error: z.string().nullable(),
    attemptsMade: z.array(jobAttempt),
    scheduleName: z.string().nullable(),
    /**
     * The paths that are redacted in this job; `payload` and `output` where the API may not read them. A redacted job
     * can be duplicated, but its payload cannot be edited.
     */
    redacted: z.array(z.string()),
  })
  .openapi("Job");

/** Why a job is not running, where it runs, or what became of it. */
export const jobExplanation = z
  .object({ reasons: z.array(z.looseObject({ code: z.string(), text: z.string() })) })
  .openapi("JobExplanation");

/** How many jobs fit a filter, counted up to a limit. */
export const jobCount = z
  .object({
    count: z.int(),
    /** True: there are at least this many. */
    capped: z.boolean(),
  })
  .openapi("JobCount");

export const newJob = z
  .strictObject({
    type: name,
    /** The payload as JSON text. */
    payload: z.string().max(PAYLOAD_BYTES_MAX).default("{}"),
    queue: name.optional(),
    priority: z.int().optional(),
    runAt: instant.optional(),
    delayMs: z.int().min(0).optional(),
    maxAttempts: z.int().min(1).optional(),
    idempotencyKey: z.string().min(1).max(255).optional(),
    tags: z.array(z.string()).optional(),
    /** A JSON object as text. */
    metadata: z.string().max(65_536).optional(),
  })
  .openapi("NewJob");

export const jobChange = newJob
  .omit({ type: true, payload: true, idempotencyKey: true })
  .extend({
    payload: z.string().max(PAYLOAD_BYTES_MAX).optional(),
    idempotencyKey: z.string().min(1).max(255).nullable().optional(),
  })
  .openapi("JobChange");

export const jobChanged = z
  .object({
    id: jobId,
    /** `canceled`, `cancel-requested`, `queued`, `changed`, `deleted`, `enqueued` or `duplicate`. */
    result: z.string(),
    /** The id by which the change can be undone; null when it cannot be undone. */
    commandId: z.uuid().nullable(),
  })
  .openapi("JobChanged");

export const failureReport = z
  .object({
    groups: z.array(
      z.object({
        type: z.string(),
        queue: z.string(),
        fingerprint: z.string(),
        error: z.string().nullable(),
        count: z.int(),
        firstAt: instant,
        lastAt: instant,
        exampleId: jobId,
      }),
    ),
    looked: z.int(),
    complete: z.boolean(),
  })
  .openapi("FailureReport");

/** A token with which one job's events can be read, without any other permission. */
export const watchToken = z
  .object({ token: z.string(), expiresAt: instant, path: z.string() })
  .openapi("WatchToken");

/** One event of a job's stream: how the job is now. Sent when something changed. */
export const jobEvent = z
  .object({
    id: jobId,
    state: jobState,
    progress: jsonText.nullable(),
    attempts: z.int(),
    maxAttempts: z.int(),
    runAt: instant.nullable(),
    updatedAt: instant,
    finishedAt: instant.nullable(),
  })
  .openapi("JobEvent");
