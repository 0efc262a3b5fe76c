import { describe, expect, test } from "vitest";
import { ClaimLanes } from "./claim-lanes.ts";

const lane = { queue: "q", priority: 0 };
const place = (id: string) => ({ ...lane, runAt: "2030-01-01 00:00:00.000001+00", id });

function known() {
  const lanes = new ClaimLanes(["q"]);
  lanes.discovered([lane]);
  return lanes;
}

describe("low-water marks", () => {
  test("while scans from the start cost no more than others, every scan is one", () => {
    const lanes = known();
    const first = lanes.plan(0);
    lanes.claimed(first, [place("a")], { now: 5, tookMs: 5 });
    const second = lanes.plan(26);
    lanes.claimed(second, [place("b")], { now: 31, tookMs: 5 });
    const third = lanes.plan(100);
    lanes.claimed(third, [place("c")], { now: 105, tookMs: 5 });

    expect([first.fromStart, second.fromStart, third.fromStart]).toEqual([true, false, true]);
    expect(lanes.plan(106).fromStart).toBe(true);
  });

  test("after a dear scan from the start, scans begin where an earlier claim ended", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), [place("a")], { now: 100, tookMs: 100 });

    expect(lanes.plan(121)).toEqual({
      fromStart: false,
      lanes: [{ ...lane, from: { runAt: "2030-01-01 00:00:00.000001+00", id: "a" } }],
    });
  });

  test("a place is not used before its lag is over, however busy the lane is", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), [place("a")], { now: 100, tookMs: 100 });
    lanes.claimed(lanes.plan(110), [place("b")], { now: 115, tookMs: 1 });

    expect(lanes.plan(119).lanes[0]?.from).toBeNull();
    expect(lanes.plan(120).lanes[0]?.from?.id).toBe("a");
  });

  test("dear scans from the start take a tenth of the time, and are still made", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), [], { now: 100, tookMs: 100 });

    expect(lanes.plan(999).fromStart).toBe(false);
    expect(lanes.plan(1_000).fromStart).toBe(true);
    lanes.claimed(lanes.plan(1_000), [], { now: 61_000, tookMs: 60_000 });
    expect(lanes.plan(70_999).fromStart).toBe(false);
    expect(lanes.plan(71_000).fromStart).toBe(true);
  });
});

describe("lanes", () => {
  test("are ordered by the worker's queues, then by priority", () => {
    const lanes = new ClaimLanes(["b", "a"]);
    lanes.discovered([
      { queue: "a", priority: -1 },
      { queue: "b", priority: 2 },
    ]);
    lanes.heardOf({ queue: "b", priority: -3 });

    expect(lanes.plan(0).lanes.map(({ queue, priority }) => [queue, priority])).toEqual([
      ["b", -3],
      ["b", 2],
      ["a", -1],
    ]);
  });

  test("of queues that the worker does not claim from are not added, nor is one twice", () => {
    const lanes = known();

    expect(lanes.heardOf({ queue: "other", priority: 0 })).toBe(false);
    expect(lanes.heardOf(lane)).toBe(false);
    expect(lanes.heardOf({ queue: "q", priority: 1 })).toBe(true);
  });
});
