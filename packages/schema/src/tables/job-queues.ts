import { jsonb, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";
import type { QueueSettings } from "../job-settings.ts";

/** What somebody set for a queue. A queue needs no row: it has one once somebody has paused it or set something. */
export const jobQueues = millraceSchema.table("job_queues", {
  name: varchar("name", { length: 100 }).primaryKey(),
  /** Since when the queue is paused. NULL when workers claim from the queue. */
  pausedAt: instant("paused_at"),
  /** What holds for the queue's jobs, where neither the job nor its task says otherwise. */
  settings: jsonb("settings").$type<QueueSettings>(),
});

/** A row of `millrace.job_queues`, as Drizzle reads it. */
export type JobQueueRow = typeof jobQueues.$inferSelect;
