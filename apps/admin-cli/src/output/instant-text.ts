/** Formats an instant for people: ISO 8601 in UTC, to the second. */
export function instantText(instant: Date): string {
  // PostgreSQL stores instants that a Date cannot hold, such as -infinity.
  if (Number.isNaN(instant.getTime())) return "out of range";
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}
