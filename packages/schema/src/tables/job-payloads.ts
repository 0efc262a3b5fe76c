import { integer, jsonb, uuid } from "drizzle-orm/pg-core";
import { millraceSchema } from "../columns.ts";

/**
 * The payloads of more than 2,000 bytes of JSON text. A large payload is written once and stays here, while its job
 * moves from table to table.
 */
export const jobPayloads = millraceSchema.table("job_payloads", {
  jobId: uuid("job_id").primaryKey(),
  payload: jsonb("payload").notNull(),
  /** The size of the payload as JSON text, in bytes. A claim adds up the sizes, to limit what a worker receives. */
  bytes: integer("bytes").notNull(),
});
