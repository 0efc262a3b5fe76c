import { z } from "@hono/zod-openapi";
import { invalidRequest, parsed } from "./parsed.ts";

/**
 * Parses the query of a URL by its schema. A field whose schema is an array may come several times, and every other
 * field once. Without a schema, the query must be empty. Throws `ApiError`.
 */
export function queryOf(schema: z.ZodObject | undefined, url: string): unknown {
  const { searchParams } = new URL(url);
  const values: [string, unknown][] = [];
  for (const name of new Set(searchParams.keys())) {
    const field = schema !== undefined && Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    if (field === undefined) throw invalidRequest(name.slice(0, 200), "the query has no such field");
    const given = searchParams.getAll(name);
    if (isArray(field)) values.push([name, given]);
    else if (given.length === 1) values.push([name, given[0]]);
    else throw invalidRequest(name, "is given more than once");
  }
  return schema === undefined ? {} : parsed(schema, Object.fromEntries(values));
}

function isArray(schema: unknown): boolean {
  if (schema instanceof z.ZodArray) return true;
  return (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) && isArray(schema.unwrap());
}
