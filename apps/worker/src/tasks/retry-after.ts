/** No answer is waited for longer than this, whatever it asks for: 24 h. */
export const RETRY_AFTER_MS_MAX = 86_400_000;

/**
 * How long an answer asks to be left alone, in ms (RFC 9110, section 10.2.3): seconds, or an HTTP date, which is
 * compared with the answer's own Date, so that no clock but the server's is read. Undefined when it does not say.
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

/** The three forms a recipient must accept (RFC 9110, section 5.6.7). `Date.parse` would accept far more. */
const FORMS = [
  new RegExp(`^\\w{3}, (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^\\w{6,9}, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** An HTTP date as ms since 1970. A year of two digits is the one nearest to `nearYear`. */
function parseHttpDate(text: string, nearYear = 2000): number | undefined {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = MONTHS.indexOf(parts?.month ?? "");
  if (parts === undefined || month < 0) return undefined;
  const read = (name: string) => Number(parts[name]);
  const shortYear = parts.year?.length === 2;
  const year = shortYear ? read("year") + Math.round((nearYear - read("year")) / 100) * 100 : read("year");
  return Date.UTC(year, month, read("day"), read("hour"), read("minute"), read("second"));
}
