import { databaseErrorOf, isSchemaMissing } from "@millrace/base";
import { SchemaMissingError } from "./database-errors.ts";

/** The error to throw for an error of a statement: `SchemaMissingError` if the database was never migrated. */
export function explained(error: unknown): unknown {
  return isSchemaMissing(error) ? new SchemaMissingError(databaseErrorOf(error)) : error;
}

/** The same methods, which reject with explained errors. */
export function explainingErrors<Methods extends object>(methods: Methods): Methods {
  const explaining = Object.entries(methods).map(([name, method]) => [
    name,
    (...values: unknown[]) =>
      (method as (...values: unknown[]) => Promise<unknown>)(...values).catch((error: unknown) => {
        throw explained(error);
      }),
  ]);
  // The boundary: each method has its old type; only its rejections differ.
  return Object.fromEntries(explaining) as Methods;
}
