import { InvalidOptionError, isUuid } from "@millrace/base";

/** Returns a UUID in lower case, as PostgreSQL writes ids. Throws `InvalidOptionError` for any other value. */
export function checkId(option: string, value: unknown): string {
  if (typeof value === "string" && isUuid(value)) return value.toLowerCase();
  throw new InvalidOptionError(option, "an id (a UUID)", value);
}
