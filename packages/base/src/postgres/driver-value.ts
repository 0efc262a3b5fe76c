/**
 * Converts a statement's value to a value that every driver beneath Drizzle can send. Arrays and dates become text in
 * PostgreSQL's format, because postgres.js refuses an array whose type it does not know.
 */
export function driverValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? arrayText(value) : value;
}

/** Returns a one-dimensional array as text (PostgreSQL documentation, 8.15.6). */
function arrayText(elements: readonly unknown[]): string {
  return `{${elements.map(elementText).join(",")}}`;
}

function elementText(element: unknown): string {
  const value = driverValue(element);
  return value === null ? "NULL" : `"${String(value).replace(/["\\]/g, "\\$&")}"`;
}
