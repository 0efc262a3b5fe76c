import { boolean, integer, jsonb, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The workers that run, one row each. A worker writes its row at its start, every 10 s, and when the worker falls
 * asleep or wakes. No job depends on these rows. Operators see from the rows which workers run. Producers see whether a
 * worker waits for a notice.
 */
export const workers = millraceSchema.table("workers", {
  workerId: varchar("worker_id", { length: 100 }).primaryKey(),
  queues: varchar("queues", { length: 100 }).array().notNull(),
  /** The job types that the worker has tasks for. */
  types: varchar("types", { length: 100 }).array().notNull(),
  /** Whether the worker waits for a notice. Producers do not notify a worker that polls or is busy. */
  asleep: boolean("asleep").notNull().default(false),
  /** A UUID of the worker that wrote the row last: two workers may have the same id. NULL after an older release. */
  instance: uuid("instance"),
  /** The worker's release of Millrace. NULL after an older release. */
  release: varchar("release", { length: 50 }),
  /** How many migrations the worker's release has: its schema. NULL after an older release. */
  schema: integer("schema"),
  /** How many jobs the worker runs at a time. NULL after an older release. */
  concurrency: integer("concurrency"),
  /** Since when the worker claims nothing, because its program called `worker.pause`. NULL: it is not paused. */
  pausedAt: instant("paused_at"),
  /** What the worker counted since its start: `completed`, `failed`, `canceled`, `retried`, `refused`. */
  counts: jsonb("counts").$type<Readonly<Record<string, number>>>().notNull().default({}),
  /** How many runs were taken back from this worker, because their lease had ended. */
  crashed: integer("crashed").notNull().default(0),
  startedAt: instant("started_at").notNull().defaultNow(),
  seenAt: instant("seen_at").notNull().defaultNow(),
});

/** A row of `millrace.workers`, as Drizzle reads it. */
export type WorkerRow = typeof workers.$inferSelect;
