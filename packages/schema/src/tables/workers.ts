import { boolean, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The workers that run: one row each, written at start, at each lease renewal, and when the worker falls asleep or
 * wakes. No job depends on it: it tells operators who is there, and producers whether someone is to be woken.
 */
export const workers = millraceSchema.table("workers", {
  workerId: varchar("worker_id", { length: 100 }).primaryKey(),
  queues: varchar("queues", { length: 100 }).array().notNull(),
  /** The job types that it has tasks for. */
  types: varchar("types", { length: 100 }).array().notNull(),
  /** Whether it waits for a notification; one that polls, or is busy, is not to be notified. */
  asleep: boolean("asleep").notNull().default(false),
  /** Which of several workers with this id wrote the row last; NULL from a worker of a release that does not tell. */
  instance: uuid("instance"),
  startedAt: instant("started_at").notNull().defaultNow(),
  seenAt: instant("seen_at").notNull().defaultNow(),
});

/** A row of `millrace.workers`, as Drizzle reads it. */
export type WorkerRow = typeof workers.$inferSelect;
