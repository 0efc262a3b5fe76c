// Not from "drizzle-orm": loading all of it takes 80 MB of memory.
import { type SQL, sql } from "drizzle-orm/sql/sql";
import { driverValue } from "./driver-value.ts";

/**
 * Rewrites `$n` text as a Drizzle template. No statement of ours holds a `$` in a string literal. Drizzle numbers
 * parameters as they come. If a parameter comes again, it must keep its first number: its type may only be known from
 * another place.
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
