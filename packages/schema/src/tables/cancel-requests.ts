import { uuid } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The cancel requests for running jobs. A request has its own row, so that a canceling transaction does not lock a
 * claim, which other jobs share. If the run ends without honouring the request, recovery deletes the request, and
 * cancels the job if the job is queued again.
 */
export const cancelRequests = millraceSchema.table("cancel_requests", {
  jobId: uuid("job_id").primaryKey(),
  requestedAt: instant("requested_at").notNull().defaultNow(),
});
