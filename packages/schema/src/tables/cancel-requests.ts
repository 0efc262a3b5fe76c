import { uuid } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The running jobs that somebody asked to stop. A request is a row of its own, so that a canceling transaction never
 * locks a claim, which other jobs share. The request goes with the run that honours it. A request that came too late
 * for its run cancels the job when the job waits again.
 */
export const cancelRequests = millraceSchema.table("cancel_requests", {
  jobId: uuid("job_id").primaryKey(),
  requestedAt: instant("requested_at").notNull().defaultNow(),
});
