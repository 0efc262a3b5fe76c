import { InvalidOptionError, isUuid } from "@millrace/base";

/** The value, when it is a UUID. Throws `InvalidOptionError`. */
export function checkId(option: string, value: unknown): string {
  if (typeof value === "string" && isUuid(value)) return value;
  throw new InvalidOptionError(option, "an id (a UUID)", value);
}
