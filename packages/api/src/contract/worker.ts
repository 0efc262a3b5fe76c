import { z } from "@hono/zod-openapi";
import { instant, jobId } from "./common.ts";

/** What a worker runs. */
export const workerRun = z
  .object({
    id: jobId,
    type: z.string(),
    queue: z.string(),
    attempts: z.int(),
    /** Null: claimed, and not begun. */
    lastRunAt: instant.nullable(),
    leaseUntil: instant,
    cancelRequestedAt: instant.nullable(),
  })
  .openapi("WorkerRun");

export const workerRow = z
  .object({
    id: z.string(),
    queues: z.array(z.string()),
    types: z.array(z.string()),
    release: z.string().nullable(),
    concurrency: z.int().nullable(),
    pausedAt: instant.nullable(),
    startedAt: instant.nullable(),
    seenAt: instant.nullable(),
    alive: z.boolean(),
    asleep: z.boolean(),
    running: z.int(),
    oldestRunAt: instant.nullable(),
    leaseUntil: instant.nullable(),
    /** Since the worker's start. */
    counts: z.object({
      completed: z.int(),
      failed: z.int(),
      canceled: z.int(),
      retried: z.int(),
      refused: z.int(),
    }),
    /** Runs that were taken back from the worker because their lease had ended. */
    crashed: z.int(),
    /** The runs that began first: at most 20. */
    runs: z.array(workerRun),
  })
  .openapi("Worker");

export const workerList = z.object({ workers: z.array(workerRow) }).openapi("WorkerList");
