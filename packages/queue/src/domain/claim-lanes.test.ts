import { describe, expect, test } from "vitest";
import { ClaimLanes } from "./claim-lanes.ts";

const lane = { queue: "q", priority: 0 };
/** When lanes were looked for. */
const AT = "2031-01-01 00:00:00+00";
const place = (id: string) => ({ ...lane, runAt: "2030-01-01 00:00:00.000001+00", id });

function known() {
  const lanes = new ClaimLanes(["q"]);
  lanes.discovered([lane], AT);
  return lanes;
}

/** What a full claim of 50 jobs came to, one of which told its place. */
const taken = (id: string, now: number, tookMs: number) => ({
  count: 50,
  full: true,
  places: [place(id)],
  now,
  tookMs,
});

/** What a claim came to that found nothing more. */
const nothing = (now: number, tookMs: number) => ({ count: 0, full: false, places: [], now, tookMs });

describe("low-water marks", () => {
  test("while scans from the start cost no more than others, every scan is one", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), taken("a", 5, 5));
    const measured = lanes.plan(26);
    lanes.claimed(measured, taken("b", 31, 5));
    const next = lanes.plan(200);
    lanes.claimed(next, taken("c", 205, 5));

    expect([measured.fromStart, next.fromStart]).toEqual([false, true]);
    expect(lanes.plan(206).fromStart).toBe(true);
  });

  test("a scan from the start that only takes more jobs is not a dear one", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), taken("a", 5, 5));
    lanes.claimed(lanes.plan(26), nothing(27, 1));
    lanes.claimed(lanes.plan(200), { count: 450, full: true, places: [], now: 210, tookMs: 10 });

    expect(lanes.plan(211).fromStart).toBe(true);
  });

  test("after a dear scan from the start, scans begin where an earlier claim ended", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), taken("a", 100, 100));

    expect(lanes.plan(121)).toEqual({
      fromStart: false,
      lanes: [{ ...lane, from: { runAt: "2030-01-01 00:00:00.000001+00", id: "a" } }],
    });
  });

  test("a place is not used before its lag is over, however busy the lane is", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), taken("a", 100, 100));
    lanes.claimed(lanes.plan(110), taken("b", 111, 11));

    expect(lanes.plan(119).lanes[0]?.from).toBeNull();
    expect(lanes.plan(120).lanes[0]?.from?.id).toBe("a");
  });

  test("dear scans from the start take a tenth of the time, and are still made", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), taken("a", 100, 100));
    lanes.claimed(lanes.plan(121), taken("b", 122, 1));
    lanes.claimed(lanes.plan(1_000), taken("c", 1_101, 101));

    expect(lanes.startDueIn(1_101)).toBe(900);
    const before = lanes.plan(2_000);
    lanes.claimed(before, taken("d", 2_001, 1));
    expect(before.fromStart).toBe(false);
    expect(lanes.plan(2_001).fromStart).toBe(true);
    lanes.claimed(lanes.plan(2_001), taken("e", 62_001, 60_000));
    const later = lanes.plan(72_000);
    lanes.claimed(later, taken("f", 72_001, 1));
    expect(later.fromStart).toBe(false);
    expect(lanes.plan(72_001).fromStart).toBe(true);
  });
});

describe("jobs that a claim passes over", () => {
  test("are not walked over again: the place is where a claim that found nothing more has come", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), nothing(50, 50));

    expect(lanes.plan(71)).toEqual({
      fromStart: false,
      lanes: [{ ...lane, from: { runAt: AT, id: "00000000-0000-0000-0000-000000000000" } }],
    });
  });

  test("keep no claim waiting twice in a row, however long ago the last dear scan was", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), nothing(50, 50));
    const first = lanes.plan(5_000);
    lanes.claimed(first, nothing(5_001, 1));
    const second = lanes.plan(5_001);
    lanes.claimed(second, nothing(5_051, 50));

    expect([first.fromStart, second.fromStart]).toEqual([false, true]);
    expect(lanes.plan(60_000).fromStart).toBe(false);
  });

  test("take the place back with a late job only when a whole backlog lies there", () => {
    const lanes = known();
    lanes.claimed(lanes.plan(0), nothing(50, 50));
    lanes.claimed(lanes.plan(100), nothing(101, 1));
    const late = { ...taken("late", 700, 50), full: false };
    lanes.claimed(lanes.plan(650), late);
    const next = lanes.plan(750);
    lanes.claimed(next, nothing(751, 1));
    lanes.claimed(lanes.plan(9_000), { ...late, full: true, now: 9_050 });

    expect(next.lanes[0]?.from?.runAt).toBe(AT);
    expect(lanes.plan(9_071).lanes[0]?.from?.id).toBe("late");
  });
});

describe("lanes", () => {
  test("are ordered by the worker's queues, then by priority", () => {
    const lanes = new ClaimLanes(["b", "a"]);
    lanes.discovered(
      [
        { queue: "a", priority: -1 },
        { queue: "b", priority: 2 },
      ],
      AT,
    );
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

describe("a look for lanes", () => {
  const later = { queue: "q", priority: 5 };
  const scanned = (lanes: ClaimLanes) => lanes.plan(0).lanes.map(({ priority }) => priority);

  test("keeps what was heard of while it was under way, known before or not", () => {
    const lanes = known();
    lanes.discovering();
    lanes.heardOf(lane);
    lanes.heardOf(later);
    lanes.discovered([], AT);

    expect(scanned(lanes)).toEqual([0, 5]);
  });

  test("forgets what was heard of before it and is no longer there", () => {
    const lanes = known();
    lanes.heardOf(later);
    lanes.discovering();
    lanes.discovered([lane], AT);

    expect(scanned(lanes)).toEqual([0]);
  });

  test("that found the queue paused leaves out what was heard of it meanwhile", () => {
    const lanes = known();
    lanes.discovering();
    lanes.heardOf(later);
    lanes.discovered([{ queue: "q", priority: null }], AT);

    expect(scanned(lanes)).toEqual([]);
  });
});
