import { varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/** The pauses of queues. A queue needs no row: a queue has a row once somebody has paused the queue. */
export const jobQueues = millraceSchema.table("job_queues", {
  name: varchar("name", { length: 100 }).primaryKey(),
  /** Since when the queue is paused. NULL when workers claim from the queue. */
  pausedAt: instant("paused_at"),
});

/** A row of `millrace.job_queues`, as Drizzle reads it. */
export type JobQueueRow = typeof jobQueues.$inferSelect;
