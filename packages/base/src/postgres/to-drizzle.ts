// Imports one module and not "drizzle-orm": loading the whole package takes 80 MB of memory.
import { type SQL, sql } from "drizzle-orm/sql/sql";
import { driverValue } from "./driver-value.ts";

/**
 * Converts a statement with parameters `$n` to a Drizzle template. The statement must not have `$n` in a string
 * literal. Drizzle numbers parameters in the order in which they occur. A repeated parameter keeps its first number,
 * because PostgreSQL may know the parameter's type only from one of its places.
 */
export function toDrizzle(text: string, values: unknown[]): SQL {
  const places = new Map<string, number>();
  const parts = text.split(/\$(\d+)/).map((part, index) => {
    if (index % 2 === 0) return sql.raw(part);
    const place = places.get(part);
    if (place !== undefined) return sql.raw(`$${place}`);
    places.set(part, places.size + 1);
    return sql`${sql.param(driverValue(values[Number(part) - 1]))}`;
  });
  return sql.join(parts);
}
