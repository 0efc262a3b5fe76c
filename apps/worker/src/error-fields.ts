import { reasonOf, sqlStateOf } from "@millrace/base";
import { isTransient } from "@millrace/queue";
import { databaseCause } from "./database-cause.ts";

/** SQLSTATEs of conflicts between statements. The database answers, and the error's details name the statements. */
const GAVE_WAY = /^(40|55|57014)/;

/**
 * Returns the log fields of an error. An error of a database that is away has only its reason, because the worker logs
 * each try, and a stack would hide the reason.
 */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  const cause = databaseCause(error);
  const away = isTransient(cause) && !GAVE_WAY.test(sqlStateOf(cause) ?? "");
  return away ? { error: reasonOf(error) } : { err: error };
}
