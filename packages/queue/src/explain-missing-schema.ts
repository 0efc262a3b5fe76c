import { databaseErrorOf, isSchemaMissing } from "@millrace/base";
import { SchemaMissingError } from "./database-errors.ts";

/** Returns the error to throw in place of a statement's error: `SchemaMissingError` if the schema is missing or old. */
export function explained(error: unknown): unknown {
  return isSchemaMissing(error) ? new SchemaMissingError(databaseErrorOf(error)) : error;
}

/** Returns the same methods, except that they reject with explained errors. Each method must return a promise. */
export function explainingErrors<Methods extends object>(methods: Methods): Methods {
  const explaining = Object.entries(methods).map(([name, method]) => [
    name,
    (...values: unknown[]) =>
      (method as (...values: unknown[]) => Promise<unknown>)(...values).catch((error: unknown) => {
        throw explained(error);
      }),
  ]);
  // The cast is safe: each method keeps its type; only its rejections differ.
  return Object.fromEntries(explaining) as Methods;
}
