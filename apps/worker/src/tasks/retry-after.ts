/** The longest delay that an answer can cause: 24 h. */
export const RETRY_AFTER_MS_MAX = 86_400_000;

/**
 * Returns the delay that an answer's Retry-After asks for, in ms (RFC 9110, section 10.2.3). The header has seconds or
 * an HTTP date. A date is compared with the answer's Date, so that only the server's clock counts. Undefined without a
 * readable header.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, RETRY_AFTER_MS_MAX);
  const answeredAt = parseHttpDate(headers.get("date")?.trim() ?? "");
  if (answeredAt === undefined) return undefined;
  const again = parseHttpDate(value, new Date(answeredAt).getUTCFullYear());
  return again === undefined ? undefined : Math.min(Math.max(0, again - answeredAt), RETRY_AFTER_MS_MAX);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

/** The three date formats of RFC 9110, section 5.6.7. `Date.parse` would accept many more formats. */
const FORMS = [
  new RegExp(`^\\w{3}, (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^\\w{6,9}, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** Parses an HTTP date into ms since 1970. A year of two digits becomes the year nearest to `nearYear`. */
function parseHttpDate(text: string, nearYear = 2000): number | undefined {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = MONTHS.indexOf(parts?.month ?? "");
  if (parts === undefined || month < 0) return undefined;
  const read = (name: string) => Number(parts[name]);
  const shortYear = parts.year?.length === 2;
  const year = shortYear ? read("year") + Math.round((nearYear - read("year")) / 100) * 100 : read("year");
  return Date.UTC(year, month, read("day"), read("hour"), read("minute"), read("second"));
}
