import { reasonOf, sqlStateOf } from "@millrace/base";
import { isTransient } from "@millrace/queue";
import { databaseCause } from "./database-cause.ts";

/** SQLSTATEs of statements that gave way to others on a database that is there: their details tell which. */
const GAVE_WAY = /^(40|55|57014)/;

/**
 * The fields of a log line about an error. A database that is away is told of at each try: its reason is enough, and
 * a stack would only hide it.
 */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  const cause = databaseCause(error);
  const away = isTransient(cause) && !GAVE_WAY.test(sqlStateOf(cause) ?? "");
  return away ? { error: reasonOf(error) } : { err: error };
}
