import { databaseErrorOf, isSchemaMissing } from "@millrace/base";
import { SchemaMissingError } from "./database-errors.ts";

/** An error of one of Millrace's own statements: a database that was never migrated is named as such. */
export function explained(error: unknown): unknown {
  return isSchemaMissing(error) ? new SchemaMissingError(databaseErrorOf(error)) : error;
}

/** The same methods; they reject with such errors. */
export function explainingErrors<Methods extends object>(methods: Methods): Methods {
  const naming = Object.entries(methods).map(([name, method]) => [
    name,
    (...values: unknown[]) =>
      (method as (...values: unknown[]) => Promise<unknown>)(...values).catch((error: unknown) => {
        throw explained(error);
      }),
  ]);
  // The boundary: each method is as it was, but for what it rejects with.
  return Object.fromEntries(naming) as Methods;
}
