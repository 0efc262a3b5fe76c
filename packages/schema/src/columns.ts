import { sql } from "drizzle-orm";
import { pgSchema, timestamp, uuid } from "drizzle-orm/pg-core";

/** The PostgreSQL schema that holds everything Millrace owns. */
export const millraceSchema = pgSchema("millrace");

/** A primary key of UUID version 7: new rows go to the right end of the index (RFC 9562, section 5.7). */
export const idColumn = () => uuid("id").primaryKey().default(sql`millrace.uuid_v7()`);

/** A `timestamptz` column; instants are read as `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true });

/** The two bookkeeping instants, by the database's clock. */
export const createdAndUpdated = () => ({
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
});

/** A SQL list of string literals for a CHECK, made from our own constants only. */
export function literalList(values: readonly string[]) {
  return sql.raw(values.map((value) => `'${value}'`).join(", "));
}
