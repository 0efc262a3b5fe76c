/** What a column of a table needs, in characters. */
export interface ColumnNeed {
  /** The width of the column's widest cell. */
  readonly natural: number;
  /** The column can still be read at this width. */
  readonly least: number;
}

/**
 * Returns the widths of a table's columns, so that they fit into `room` characters. The widest column that can shrink
 * shrinks first. Only if that is not enough, the columns go below the width at which they can be read.
 */
export function fitWidths(needs: readonly ColumnNeed[], room: number): number[] {
  const widths = needs.map(({ natural }) => Math.min(natural, Math.max(1, room)));
  const least = needs.map((need, at) => Math.min(need.least, widths[at] ?? 0));
  shrink(widths, room, least);
  shrink(
    widths,
    room,
    needs.map(() => 1),
  );
  return widths;
}

function shrink(widths: number[], room: number, least: readonly number[]): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [at, width] of widths.entries()) {
      if (width > (least[at] ?? 0) && (widest === -1 || width > (widths[widest] ?? 0))) widest = at;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
}
