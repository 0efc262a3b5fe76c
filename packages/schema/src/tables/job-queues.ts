import { varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/** The pauses of queues. Only a queue that was paused at some time has a row. */
export const jobQueues = millraceSchema.table("job_queues", {
  name: varchar("name", { length: 100 }).primaryKey(),
  /** When the queue was paused. NULL when workers claim from the queue. */
  pausedAt: instant("paused_at"),
});

/** A row of `millrace.job_queues`, as Drizzle reads it. */
export type JobQueueRow = typeof jobQueues.$inferSelect;
