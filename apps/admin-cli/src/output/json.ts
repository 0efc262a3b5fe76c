import { escapeControl } from "./escape-control.ts";

/** Writes a value as one JSON document and a line end. Dates are ISO 8601 in UTC. Control characters are escaped. */
export function jsonDocument(value: unknown): string {
  // JSON.stringify escapes only C0 controls, and adds no control characters but its line ends.
  const lines = JSON.stringify(value, null, 2).split("\n");
  return `${lines.map(escapeControl).join("\n")}\n`;
}

/** Writes a value as `jsonDocument` does, but in one line. */
export function jsonLine(value: unknown): string {
  return `${escapeControl(JSON.stringify(value))}\n`;
}
