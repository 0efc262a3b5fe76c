import type { SQL, sql } from "drizzle-orm/sql/sql";
import { MissingPackageError } from "../errors.ts";
import { driverValue } from "./driver-value.ts";

/**
 * Converts a statement with parameters `$n` to a Drizzle template. The statement must not have `$n` in a string
 * literal. Drizzle numbers parameters in the order in which they occur. A repeated parameter keeps its first number,
 * because PostgreSQL may know the parameter's type only from one of its places. Rejects with `MissingPackageError` if
 * drizzle-orm is not installed.
 */
export async function toDrizzle(text: string, values: unknown[]): Promise<SQL> {
  const build = await loadSql();
  const places = new Map<string, number>();
  const parts = text.split(/\$(\d+)/).map((part, index) => {
    if (index % 2 === 0) return build.raw(part);
    const place = places.get(part);
    if (place !== undefined) return build.raw(`$${place}`);
    places.set(part, places.size + 1);
    return build`${build.param(driverValue(values[Number(part) - 1]))}`;
  });
  return build.join(parts);
}

/**
 * Loads one module, when the first statement needs it, and not "drizzle-orm", which takes 80 MB of memory. The import
 * stands in a `try`, so that a bundler lets it pass in an application without drizzle-orm.
 */
async function loadSql(): Promise<typeof sql> {
  try {
    return (await import("drizzle-orm/sql/sql")).sql;
  } catch (cause) {
    throw new MissingPackageError("drizzle-orm", { needed: "for a Drizzle database", cause });
  }
}
