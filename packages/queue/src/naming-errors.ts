import { databaseErrorOf, isSchemaMissing } from "@millrace/base";
import { SchemaMissingError } from "./database-errors.ts";
import type { Queue } from "./queue.ts";

/** An error of one of Millrace's own statements: a database that was never migrated is named as such. */
export function named(error: unknown): unknown {
  return isSchemaMissing(error) ? new SchemaMissingError(databaseErrorOf(error)) : error;
}

/** A queue whose methods reject with such errors. */
export function namingErrors(queue: Queue): Queue {
  const methods = Object.entries(queue).map(([name, method]) => [
    name,
    (...values: unknown[]) =>
      (method as (...values: unknown[]) => Promise<unknown>)(...values).catch((error: unknown) => {
        throw named(error);
      }),
  ]);
  // The boundary: each method is as it was, but for what it rejects with.
  return Object.fromEntries(methods) as Queue;
}
