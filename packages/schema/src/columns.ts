import { sql } from "drizzle-orm";
import { pgSchema, timestamp, uuid } from "drizzle-orm/pg-core";

/** The PostgreSQL schema of all of Millrace's tables. */
export const millraceSchema = pgSchema("millrace");

/** A primary key of UUID version 7: ids grow with time, so new rows go to the end of the index (RFC 9562, 5.7). */
export const idColumn = () => uuid("id").primaryKey().default(sql`millrace.uuid_v7()`);

/** A `timestamptz` column. Drizzle reads an instant as a `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true });

/** The instants at which a row was created and last updated, by the database's clock. */
export const createdAndUpdated = () => ({
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
});

/** Returns a SQL list of string literals for a CHECK. Pass only constants of Millrace: the values are not escaped. */
export function literalList(values: readonly string[]) {
  return sql.raw(values.map((value) => `'${value}'`).join(", "));
}
