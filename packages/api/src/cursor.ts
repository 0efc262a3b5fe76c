import type { z } from "@hono/zod-openapi";
import { ApiError } from "./problem/api-error.ts";

/** Returns a cursor: opaque text from which the next request continues. */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Returns what a cursor was made of. Throws `ApiError` for a text that is no cursor of this schema. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  const result = schema.safeParse(jsonIn(cursor));
  if (result.success) return result.data;
  throw badCursor();
}

/** The refusal of a cursor. */
export function badCursor(): ApiError {
  return new ApiError({
    status: 400,
    code: "INVALID_CURSOR",
    field: "cursor",
    detail: "`cursor` is not one that this API gave for such a list. Begin with the first page.",
  });
}

function jsonIn(cursor: string): unknown {
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}
