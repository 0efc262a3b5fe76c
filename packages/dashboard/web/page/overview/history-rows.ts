import type { History } from "@millrace/api/client";
import type { HistoryPoint } from "./chart-data.ts";

const COUNTS = ["completed", "failed", "canceled", "retried", "crashed", "refused"] as const;
const LEVELS = ["due", "running", "oldestDueMs"] as const;

/** What happened in a span of time: sums of the counts, and the highest of the other figures. */
export interface HistoryRow extends HistoryPoint {
  until: string;
}

/** Joins neighbouring steps of a history, so that at most `rowsMax` rows remain. The last row may join fewer steps. */
export function historyRows({ stepMs, points }: History, rowsMax: number): HistoryRow[] {
  const stepsARow = Math.max(1, Math.ceil(points.length / rowsMax));
  const rows: HistoryRow[] = [];
  for (let from = 0; from < points.length; from += stepsARow) {
    const joined = join(points.slice(from, from + stepsARow), stepMs);
    if (joined !== null) rows.push(joined);
  }
  return rows;
}

/** What happened in the whole of a history; null for one without steps. */
export function historyTotals({ stepMs, points }: History): HistoryRow | null {
  return join(points, stepMs);
}

function join(points: readonly HistoryPoint[], stepMs: number): HistoryRow | null {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const row: HistoryRow = { ...first, until: new Date(Date.parse(last.at) + stepMs).toISOString() };
  for (const name of COUNTS) row[name] = points.reduce((sum, point) => sum + point[name], 0);
  for (const name of LEVELS) row[name] = highest(points.map((point) => point[name]));
  return row;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
