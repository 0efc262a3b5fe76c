import { z } from "@hono/zod-openapi";
import { instant } from "./common.ts";

/** A number that was counted up to a limit: with `capped`, there are at least this many. */
export const cappedCount = z.object({ count: z.int(), capped: z.boolean() }).openapi("CappedCount");

export const queueRow = z
  .object({
    queue: z.string(),
    /** All queued jobs: due, due later, and backing off. */
    queued: cappedCount,
    due: cappedCount,
    running: z.int(),
    oldestDueMs: z.number().nullable(),
    pausedAt: instant.nullable(),
    settings: z.record(z.string(), z.unknown()).nullable(),
    /** What workers counted in this queue in the last hour. */
    lastHour: z.object({
      completed: z.int(),
      failed: z.int(),
      canceled: z.int(),
      retried: z.int(),
      crashed: z.int(),
      refused: z.int(),
    }),
    /** How many living workers claim from the queue. */
    workers: z.int(),
  })
  .openapi("Queue");

export const queueList = z.object({ queues: z.array(queueRow) }).openapi("QueueList");

export const queueSettings = z
  .strictObject({
    timeoutMs: z.int().min(1).optional(),
    retentionMs: z.int().min(0).optional(),
    backoff: z.looseObject({}).optional(),
    deadLetter: z.looseObject({}).optional(),
  })
  .openapi("QueueSettings");
