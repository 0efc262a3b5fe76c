import type { HistoryPoint } from "./chart-data.ts";

/** A step of a history for tests: nothing happened but what is given. */
export function historyPoint(minute: number, given: Partial<HistoryPoint> = {}): HistoryPoint {
  return {
    at: new Date(Date.UTC(2031, 0, 1, 0, minute)).toISOString(),
    completed: 0,
    failed: 0,
    canceled: 0,
    retried: 0,
    crashed: 0,
    refused: 0,
    due: null,
    running: null,
    oldestDueMs: null,
    ...given,
  };
}
