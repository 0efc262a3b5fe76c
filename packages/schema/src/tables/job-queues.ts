import { jsonb, varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";
import type { QueueSettings } from "../job-settings.ts";

/** The pauses and settings of queues. Only a queue that was paused or set at some time has a row. */
export const jobQueues = millraceSchema.table("job_queues", {
  name: varchar("name", { length: 100 }).primaryKey(),
  /** When the queue was paused. NULL when workers claim from the queue. */
  pausedAt: instant("paused_at"),
  /** What holds for the queue's jobs, where neither the job nor its task says otherwise. */
  settings: jsonb("settings").$type<QueueSettings>(),
});

/** A row of `millrace.job_queues`, as Drizzle reads it. */
export type JobQueueRow = typeof jobQueues.$inferSelect;
