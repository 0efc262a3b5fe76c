import { describe, expect, it } from "vitest";
import { historyRows, historyTotals } from "./history-rows.ts";
import { historyPoint } from "./test-point.ts";

describe("a history as a table", () => {
  const points = [
    historyPoint(0, { completed: 1, failed: 1, due: 5 }),
    historyPoint(1, { completed: 2, due: 9, oldestDueMs: 700 }),
    historyPoint(2, { completed: 4, refused: 1, running: 3 }),
  ];
  const history = { stepMs: 60_000, points };

  it("adds counts and keeps the highest of the other figures", () => {
    expect(historyRows(history, 2)).toEqual([
      {
        ...historyPoint(0, { completed: 3, failed: 1, due: 9, oldestDueMs: 700 }),
        until: "2031-01-01T00:02:00.000Z",
      },
      { ...historyPoint(2, { completed: 4, refused: 1, running: 3 }), until: "2031-01-01T00:03:00.000Z" },
    ]);
  });

  it("has a row for each step where there is room", () => {
    expect(historyRows(history, 60).map(({ at }) => at)).toEqual(points.map(({ at }) => at));
  });

  it("sums up to one row, and to none without steps", () => {
    expect(historyTotals(history)).toMatchObject({ completed: 7, failed: 1, refused: 1, due: 9, running: 3 });
    expect(historyTotals({ stepMs: 60_000, points: [] })).toBeNull();
    expect(historyRows({ stepMs: 60_000, points: [] }, 5)).toEqual([]);
  });
});
