import { z } from "@hono/zod-openapi";
import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import { cursor, instant, jobId, jobState, jsonText, name } from "./common.ts";

export const schedule = z
  .object({
    id: z.uuid(),
    name: z.string(),
    jobType: z.string(),
    queue: z.string(),
    payload: jsonText,
    priority: z.int(),
    cron: z.string().nullable(),
    everyMs: z.number().nullable(),
    anchor: instant.nullable(),
    timezone: z.string(),
    /** The cadence in words. */
    description: z.string(),
    enabled: z.boolean(),
    maxAttempts: z.int(),
    misfire: z.string(),
    overlap: z.string(),
    jitterMs: z.int(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    maxRuns: z.int().nullable(),
    runs: z.int(),
    declared: z.boolean(),
    status: z.string(),
    warnings: z.array(z.string()),
    nextRunAt: instant.nullable(),
    lastRunAt: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("Schedule");

/** A tick and what became of its job. */
export const scheduleTick = z
  .object({
    tickAt: instant,
    outcome: z.string(),
    jobId: jobId.nullable(),
    /** The state of the job now; null without a job, or when the job has been deleted. */
    jobState: jobState.nullable(),
    recordedAt: instant,
  })
  .openapi("ScheduleTick");

export const schedulePage = z
  .object({
    schedules: z.array(
      schedule.extend({
        /** The last ticks, the latest first: at most 20. */
        ticks: z.array(scheduleTick),
      }),
    ),
    next: cursor.nullable(),
  })
  .openapi("SchedulePage");

/** The fields of a schedule that people write. */
export const newSchedule = z
  .strictObject({
    name,
    jobType: name,
    cron: z.string().max(100).nullable().optional(),
    everyMs: z.number().nullable().optional(),
    anchor: instant.nullable().optional(),
    timezone: z.string().max(50).optional(),
    queue: name.optional(),
    /** The payload as JSON text. */
    payload: z.string().max(PAYLOAD_BYTES_MAX).optional(),
    priority: z.int().optional(),
    maxAttempts: z.int().min(1).optional(),
    misfire: z.enum(["latest", "skip", "all"]).optional(),
    overlap: z.string().max(50).optional(),
    jitterMs: z.int().min(0).optional(),
    startsAt: instant.nullable().optional(),
    endsAt: instant.nullable().optional(),
    maxRuns: z.int().min(1).nullable().optional(),
    enabled: z.boolean().optional(),
    runOnCreate: z.boolean().optional(),
  })
  .openapi("NewSchedule");

export const schedulePatch = newSchedule
  .omit({ enabled: true, runOnCreate: true })
  .partial()
  .openapi("SchedulePatch");

export const previewRequest = z
  .strictObject({
    cron: z.string().max(100).nullable().optional(),
    everyMs: z.number().nullable().optional(),
    anchor: instant.nullable().optional(),
    timezone: z.string().max(50).optional(),
    count: z.int().min(1).max(50).default(10),
  })
  .openapi("PreviewRequest");

/** What a schedule would do. Changes of the zone's clock stand between the ticks. */
export const previewAnswer = z
  .object({
    description: z.string(),
    warnings: z.array(z.string()),
    lines: z.array(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("tick"), at: instant, local: z.string() }),
        z.object({ kind: z.literal("clock-change"), at: instant, text: z.string() }),
      ]),
    ),
  })
  .openapi("PreviewAnswer");
