import Table from "cli-table3";
import { displayWidth } from "./display-width.ts";
import { escapeControl } from "./escape-control.ts";
import { fitWidths } from "./fit-widths.ts";
import { fullWhenText, whenText } from "./relative-text.ts";
import { type Paint, paint, type View } from "./view.ts";

/** A value of one table cell. Null and undefined show as a dash. A number is written with commas. */
export type CellValue = string | number | boolean | Date | null | undefined;

/** One table cell: a value, or a value with a colour. */
export type Cell = CellValue | { readonly value: CellValue; readonly paint: Paint };

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Whether the cells stand at the right, as numbers do. */
  readonly right?: true;
  /** Whether the cells may be cut to make the table fit. Ids, states and numbers may not. */
  readonly cut?: true;
}

/** A cell that is cut shows at least so many characters. */
const CUT_CHARACTERS_MIN = 8;

const GAP = "  ";

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: GAP,
};

/** The library's time grows with the square of the rows that it draws at once. */
const ROWS_DRAWN_AT_ONCE = 50;

/** A column whose cells may be cut. */
export const cut = (title: string): Column => ({ title, cut: true });

/** A column of numbers. */
export const right = (title: string): Column => ({ title, right: true });

/**
 * Formats a table for people, with a head and without borders. Escapes control characters, and cuts the cells of the
 * columns that may be cut, so that each row fits into one line of the view.
 */
export function table(
  view: View,
  columns: readonly (Column | string)[],
  rows: readonly (readonly Cell[])[],
): string {
  const named = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  const texts = rows.map((row) => row.map((cell) => paintedCell(view, cell)));
  const needs = named.map((column, at) => {
    const natural = Math.max(column.title.length, ...texts.map((row) => displayWidth(row[at] ?? "")));
    return { natural, least: "cut" in column ? Math.max(column.title.length, CUT_CHARACTERS_MIN) : natural };
  });
  const widths = fitWidths(needs, view.width - GAP.length * (columns.length - 1));
  const layout = { widths, aligns: named.map((column) => ("right" in column ? "right" : "left")) } as const;
  const parts = [draw([named.map(({ title }) => paint(view, "head", title))], layout)];
  for (let from = 0; from < texts.length; from += ROWS_DRAWN_AT_ONCE) {
    parts.push(draw(texts.slice(from, from + ROWS_DRAWN_AT_ONCE), layout));
  }
  return parts.join("\n");
}

interface Layout {
  readonly widths: readonly number[];
  readonly aligns: readonly ("left" | "right")[];
}

function draw(rows: readonly (readonly string[])[], { widths, aligns }: Layout): string {
  const drawn = new Table({
    chars: NO_BORDERS,
    colWidths: [...widths],
    colAligns: [...aligns],
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString().replace(/ +$/gm, "");
}

/** Formats the fields of one thing for people, one field in each line. Escapes values, but does not cut values. */
export function fields(view: View, entries: readonly (readonly [string, CellValue])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, value]) => {
      const text = value instanceof Date ? fullWhenText(view, value) : cellText(view, value);
      return `${paint(view, "faint", name.padEnd(width))}  ${text}`;
    })
    .join("\n");
}

/** Indents a text below a heading. Does not escape the text: the caller must. */
export function block(heading: string, text: string): string {
  return [heading, ...text.split("\n").map((line) => `  ${line}`)].join("\n");
}

function paintedCell(view: View, cell: Cell): string {
  if (typeof cell !== "object" || cell === null || cell instanceof Date) return cellText(view, cell);
  return paint(view, cell.paint, cellText(view, cell.value));
}

function cellText(view: View, value: CellValue): string {
  if (value === null || value === undefined) return "-";
  if (value instanceof Date) return whenText(view, value);
  return typeof value === "number" ? value.toLocaleString("en-US") : escapeControl(String(value));
}
