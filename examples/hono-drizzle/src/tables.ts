import { boolean, integer, pgTable } from "drizzle-orm/pg-core";

/** The application's own table. Keep Millrace's tables out of this file: Millrace migrates its own. */
export const orders = pgTable("orders", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  total: integer().notNull(),
  paid: boolean().notNull().default(false),
});

/** What drizzle-kit would write into a migration of the application. */
export const CREATE_ORDERS = `CREATE TABLE IF NOT EXISTS orders (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  total integer NOT NULL,
  paid boolean NOT NULL DEFAULT false
)`;
