import { escapeControl } from "./escape-control.ts";

/** One JSON document with a line end. Instants are ISO 8601 in UTC; control characters are escaped, losing nothing. */
export function jsonDocument(value: unknown): string {
  // JSON.stringify escapes C0 controls only. The line ends between the lines it writes are the only others.
  const lines = JSON.stringify(value, null, 2).split("\n");
  return `${lines.map(escapeControl).join("\n")}\n`;
}
