import { z } from "@hono/zod-openapi";
import { instant } from "./common.ts";
import { cappedCount } from "./queue.ts";

/** A transaction that keeps PostgreSQL from removing dead rows, so that claims become slower. */
export const snapshotHolder = z
  .object({
    pid: z.int(),
    applicationName: z.string(),
    user: z.string(),
    state: z.string(),
    since: instant,
    ageMs: z.number(),
    /** The first 200 characters; null where the role may not see it. */
    query: z.string().nullable(),
  })
  .openapi("SnapshotHolder");

/** The state of the whole system now. */
export const overview = z
  .object({
    at: instant,
    queued: cappedCount,
    due: cappedCount,
    running: z.int(),
    oldestDueMs: z.number().nullable(),
    pausedQueues: z.int(),
    workers: z.object({ alive: z.int(), running: z.int(), slots: z.int().nullable() }),
    /** How many are enabled, how many of these are overdue by more than a minute, and when the next tick is due. */
    schedules: z.object({ enabled: z.int(), overdue: z.int(), nextRunAt: instant.nullable() }),
    /** What workers counted in the last 10 minutes. */
    lastTenMinutes: z.object({ completed: z.int(), failed: z.int(), retried: z.int(), crashed: z.int() }),
    /** The oldest transaction that holds the snapshot, if it is older than a minute. */
    snapshotHolder: snapshotHolder.nullable(),
  })
  .openapi("Overview");

export const historyPoint = z.object({
  at: instant,
  completed: z.int(),
  failed: z.int(),
  canceled: z.int(),
  retried: z.int(),
  crashed: z.int(),
  refused: z.int(),
  /** Null: no worker sampled in this time. */
  due: z.int().nullable(),
  running: z.int().nullable(),
  oldestDueMs: z.number().nullable(),
});

/** What happened, in equal steps of time, the oldest first. Steps in which nothing happened have zeros. */
export const history = z.object({ stepMs: z.int(), points: z.array(historyPoint) }).openapi("History");

export const snapshotHolders = z.object({ holders: z.array(snapshotHolder) }).openapi("SnapshotHolders");
