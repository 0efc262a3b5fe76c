import Table from "cli-table3";
import { escapeControl } from "./escape-control.ts";
import { truncate } from "./truncate.ts";

/** The value of one table cell. Null and undefined show as a dash. */
export type Cell = string | number | boolean | Date | null | undefined;

const PLAIN_BORDERS = {
  top: "-",
  "top-mid": "+",
  "top-left": "+",
  "top-right": "+",
  bottom: "-",
  "bottom-mid": "+",
  "bottom-left": "+",
  "bottom-right": "+",
  left: "|",
  "left-mid": "+",
  mid: "-",
  "mid-mid": "+",
  right: "|",
  "right-mid": "+",
  middle: "|",
};

/** A cell shows at most this many characters. Ids, states and instants are shorter. */
const CELL_CHARACTERS_MAX = 48;

/** Formats a table for people, with a head. Escapes control characters, and cuts cells to 48 characters. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const drawn = new Table({
    head: [...head],
    chars: PLAIN_BORDERS,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map((cell) => truncate(cellText(cell), CELL_CHARACTERS_MAX)));
  return drawn.toString();
}

/** Formats the fields of one thing for people, one field in each line. Escapes values, but does not cut values. */
export function fields(entries: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`).join("\n");
}

/** Indents a text below a heading. Does not escape the text: the caller must. */
export function block(heading: string, text: string): string {
  return [heading, ...text.split("\n").map((line) => `  ${line}`)].join("\n");
}

/** Formats an instant for people: ISO 8601 in UTC, to the second. */
export function instantText(instant: Date): string {
  // PostgreSQL stores instants that a Date cannot hold, such as -infinity.
  if (Number.isNaN(instant.getTime())) return "out of range";
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "-";
  if (value instanceof Date) return instantText(value);
  return escapeControl(String(value));
}
