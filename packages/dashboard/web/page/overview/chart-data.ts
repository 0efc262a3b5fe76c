import type { History } from "@millrace/api/client";

/** What happened in one step of time. */
export type HistoryPoint = History["points"][number];

/** The instants in seconds, and then a list of values for each line, as uPlot takes them. Null is a gap in the line. */
export type ChartData = [number[], ...(number | null)[][]];

const MINUTE_MS = 60_000;

/**
 * Leaves out the step that has not ended: a step that has just begun counts few jobs, and the line would seem to fall.
 * `now` is by the database's clock.
 */
export function endedSteps({ stepMs, points }: History, now: string): History {
  const until = Date.parse(now);
  return { stepMs, points: points.filter(({ at }) => Date.parse(at) + stepMs <= until) };
}

/** How many jobs completed, failed and were retried a minute: three lines. */
export function throughputData({ stepMs, points }: History): ChartData {
  const aMinute = MINUTE_MS / stepMs;
  return [
    instants(points),
    points.map(({ completed }) => completed * aMinute),
    points.map(({ failed }) => failed * aMinute),
    points.map(({ retried }) => retried * aMinute),
  ];
}

/** How many jobs were due and running, and for how many seconds the oldest had been due: three lines. */
export function depthData({ points }: History): ChartData {
  return [
    instants(points),
    points.map(({ due }) => due),
    points.map(({ running }) => running),
    points.map(({ due, oldestDueMs }) =>
      oldestDueMs === null ? (due === null ? null : 0) : oldestDueMs / 1_000,
    ),
  ];
}

/**
 * The places of values between two gaps. A line needs two values, so these are drawn as points. Null where there are
 * none.
 */
export function lonelyPlaces(values: readonly (number | null | undefined)[]): number[] | null {
  const isGap = (place: number) => values[place] == null;
  const places = values.flatMap((_, place) =>
    !isGap(place) && isGap(place - 1) && isGap(place + 1) ? [place] : [],
  );
  return places.length === 0 ? null : places;
}

const instants = (points: readonly HistoryPoint[]) => points.map(({ at }) => Date.parse(at) / 1_000);
