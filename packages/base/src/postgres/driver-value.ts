/**
 * A statement's value as every driver beneath Drizzle can send it: arrays and dates as the text that PostgreSQL reads
 * them from, since postgres.js refuses an array whose type the statement does not say to the driver.
 */
export function driverValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? arrayText(value) : value;
}

/** The text of a one-dimensional array (PostgreSQL documentation, 8.15.6). */
function arrayText(elements: readonly unknown[]): string {
  return `{${elements.map(elementText).join(",")}}`;
}

function elementText(element: unknown): string {
  const value = driverValue(element);
  return value === null ? "NULL" : `"${String(value).replace(/["\\]/g, "\\$&")}"`;
}
