import { describe, expect, it } from "vitest";
import { depthData, endedSteps, lonelyPlaces, throughputData } from "./chart-data.ts";
import { historyPoint } from "./test-point.ts";

const SECONDS = Date.UTC(2031, 0, 1) / 1_000;

describe("the lines of a chart", () => {
  it("show counts a minute, whatever a step's length", () => {
    const points = [
      historyPoint(0, { completed: 50, failed: 5, retried: 10 }),
      historyPoint(5, { completed: 100 }),
    ];

    const data = throughputData({ stepMs: 300_000, points });

    expect(data).toEqual([
      [SECONDS, SECONDS + 300],
      [10, 20],
      [1, 0],
      [2, 0],
    ]);
  });

  it("have a gap where nobody counted, and none where nothing was due", () => {
    const points = [
      historyPoint(0, { due: 4, running: 2, oldestDueMs: 1_500 }),
      historyPoint(1),
      historyPoint(2, { due: 0, running: 1 }),
    ];

    const [, ...lines] = depthData({ stepMs: 60_000, points });

    expect(lines).toEqual([
      [4, null, 0],
      [2, null, 1],
      [1.5, null, 0],
    ]);
  });

  it("are points where a value stands alone between gaps or edges", () => {
    expect(lonelyPlaces([5, null, 1, 2, null, 7, undefined, 3])).toEqual([0, 5, 7]);
    expect(lonelyPlaces([1, 2, null, 3, 4])).toBeNull();
    expect(lonelyPlaces([])).toBeNull();
  });

  it("end before the step that has not ended", () => {
    const history = { stepMs: 60_000, points: [historyPoint(0), historyPoint(1), historyPoint(2)] };

    const ended = endedSteps(history, "2031-01-01T00:02:30.000Z");

    expect(ended.points).toEqual([historyPoint(0), historyPoint(1)]);
  });
});
