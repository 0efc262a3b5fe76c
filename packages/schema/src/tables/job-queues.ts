import { varchar } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/** What is said of a queue. A queue needs no row: it has one once it has been paused. */
export const jobQueues = millraceSchema.table("job_queues", {
  name: varchar("name", { length: 100 }).primaryKey(),
  /** Since when nothing is claimed from it; NULL when it is claimed from. */
  pausedAt: instant("paused_at"),
});

/** A row of `millrace.job_queues`, as Drizzle reads it. */
export type JobQueueRow = typeof jobQueues.$inferSelect;
