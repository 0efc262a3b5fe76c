import type { ChartData } from "./chart-data.ts";

/** A line of a chart. `color` is the custom property of the styles that has the line's colour. */
export interface ChartLine {
  label: string;
  color: `--${string}`;
  /** Lines of one chart differ by their dashes too, so that nobody needs to tell their colours apart. */
  dash?: readonly number[];
  /** How the line's values are written. */
  text: (value: number) => string;
}

/** What a chart shows. */
export interface ChartContent {
  lines: readonly ChartLine[];
  data: ChartData;
  /** How the values beside the axis are written. */
  axisText: (value: number) => string;
  /** How far apart two values beside the axis may be. Without `axisSteps`: 1, 2, 2.5 and 5 times a power of ten. */
  axisSteps?: readonly number[];
}

/** The values of a chart at one of its instants, in the order of the lines. Null values are left out. */
export function valuesAt({ lines, data }: ChartContent, index: number): { line: ChartLine; text: string }[] {
  return lines.flatMap((line, position) => {
    const value = data[position + 1]?.[index];
    return value === null || value === undefined ? [] : [{ line, text: line.text(value) }];
  });
}
