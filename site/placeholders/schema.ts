import { boolean, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";

/** The shop's orders, in the examples. */
export const orders = pgTable("orders", {
  id: uuid("id").primaryKey().defaultRandom(),
  total: integer("total").notNull(),
  paid: boolean("paid").notNull().default(false),
  note: text("note"),
  jobId: uuid("job_id"),
});
