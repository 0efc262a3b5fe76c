import Table from "cli-table3";
import { escapeControl } from "./escape-control.ts";
import { truncate } from "./truncate.ts";

/** What a table shows in one place; null and undefined show as a dash. */
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

/** Cells are cut to this many characters. Ids, states and instants are shorter. */
const CELL_CHARACTERS_MAX = 48;

/** A table for people, with a heading. Control characters are escaped and wide values cut. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const drawn = new Table({
    head: [...head],
    chars: PLAIN_BORDERS,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map((cell) => truncate(cellText(cell), CELL_CHARACTERS_MAX)));
  return drawn.toString();
}

/** Names and values of one thing, one per line, for people. Values are escaped but not cut. */
export function fields(entries: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`).join("\n");
}

/** A text of several lines under a heading, indented. The text is written as it is: escape it before. */
export function block(heading: string, text: string): string {
  return [heading, ...text.split("\n").map((line) => `  ${line}`)].join("\n");
}

/** An instant as people read it: ISO 8601 in UTC, to the second. */
export function instantText(instant: Date): string {
  // PostgreSQL keeps instants, such as -infinity, that a Date cannot.
  if (Number.isNaN(instant.getTime())) return "out of range";
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "-";
  if (value instanceof Date) return instantText(value);
  return escapeControl(String(value));
}
