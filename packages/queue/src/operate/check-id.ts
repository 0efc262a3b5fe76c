import { InvalidOptionError, isUuid } from "@millrace/base";

/** Returns the value if the value is a UUID. Throws `InvalidOptionError` if not. */
export function checkId(option: string, value: unknown): string {
  if (typeof value === "string" && isUuid(value)) return value;
  throw new InvalidOptionError(option, "an id (a UUID)", value);
}
