import { uuid } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The jobs whose end somebody waits for. The statement that ends such a job notifies, and deletes the row. All other
 * jobs pay for one look at a table that is mostly empty.
 */
export const jobWaits = millraceSchema.table("job_waits", {
  jobId: uuid("job_id").primaryKey(),
  /** The instant at which nobody waits any more. */
  until: instant("until").notNull(),
});
