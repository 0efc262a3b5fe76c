/**
 * A statement's value as every driver beneath Drizzle can send it. Arrays and dates become the text that PostgreSQL
 * reads: postgres.js refuses an array if the driver does not know its type from the statement.
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
