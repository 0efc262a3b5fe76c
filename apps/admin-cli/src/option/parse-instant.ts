import { InvalidArgumentError } from "commander";

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-](\d{2}):(\d{2}))$/;

/** Parses an ISO 8601 instant with an offset. Throws `InvalidArgumentError` for any other text. */
export function parseInstant(text: string): Date {
  const match = INSTANT.exec(text);
  const instant = new Date(text);
  if (match !== null && !Number.isNaN(instant.getTime()) && isCalendarDay(match)) return instant;
  // Without an offset the instant would depend on the machine that the command runs on.
  throw new InvalidArgumentError(
    "Expected an ISO 8601 instant with an offset, such as 2030-01-31T09:00:00Z or 2030-01-31T09:00+01:00.",
  );
}

/** `new Date` reads February 30 as March 2, so the day is checked here. */
function isCalendarDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(`${year}-${month}-01T00:00:00Z`);
  date.setUTCDate(Number(day));
  return date.getUTCMonth() + 1 === Number(month) && Number(day) >= 1;
}
