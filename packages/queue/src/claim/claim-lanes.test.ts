import { describe, expect, test } from "vitest";
import { type ClaimLane, ClaimLanes } from "./claim-lanes.ts";

const lane = { queue: "q", priority: 0 };
/** When lanes were looked for. */
const AT = "2031-01-01 00:00:00+00";
const mark = (id: string) => ({ ...lane, runAt: "2030-01-01 00:00:00.000001+00", id });

/** What one look found that came to the end. */
const found = (...lanes: { queue: string; priority: number }[]) => ({
  lanes,
  paused: [],
  at: AT,
  next: null,
});

function known() {
  const lanes = new ClaimLanes(["q"]);
  lanes.lookEnds(found(lane));
  return lanes;
}

/** What a full claim of 50 jobs came to, one of which gave its mark. */
const taken = (id: string, now: number, tookMs: number) => ({
  count: 50,
  isFull: true,
  lanesTakenFrom: new Set<ClaimLane>(),
  marks: [mark(id)],
  now,
  tookMs,
});

/** What a claim came to that found nothing more. */
const nothing = (now: number, tookMs: number) => ({
  count: 0,
  isFull: false,
  lanesTakenFrom: new Set<ClaimLane>(),
  marks: [],
  now,
  tookMs,
});

describe("low-water marks", () => {
  test("while scans from the start cost no more than others, every scan is one", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), taken("a", 5, 5));
    const measured = lanes.scan(26);
    lanes.learn(measured, taken("b", 31, 5));
    const next = lanes.scan(200);
    lanes.learn(next, taken("c", 205, 5));

    expect([measured.fromStart, next.fromStart]).toEqual([false, true]);
    expect(lanes.scan(206).fromStart).toBe(true);
  });

  test("a scan from the start that only takes more jobs is not a dear one", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), taken("a", 5, 5));
    lanes.learn(lanes.scan(26), nothing(27, 1));
    lanes.learn(lanes.scan(200), { ...taken("c", 210, 10), count: 450 });

    expect(lanes.scan(211).fromStart).toBe(true);
  });

  test("after a dear scan from the start, scans begin where an earlier claim ended", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), taken("a", 100, 100));

    expect(lanes.scan(121)).toEqual({
      fromStart: false,
      lastInTurn: null,
      lanes: [{ ...lane, mark: { runAt: "2030-01-01 00:00:00.000001+00", id: "a" } }],
    });
  });

  test("a mark is not used before its lag is over, however busy the lane is", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), taken("a", 100, 100));
    lanes.learn(lanes.scan(110), taken("b", 111, 11));

    expect(lanes.scan(119).lanes[0]?.mark).toBeNull();
    expect(lanes.scan(120).lanes[0]?.mark?.id).toBe("a");
  });

  test("dear scans from the start take a tenth of the time, and are still made", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), taken("a", 100, 100));
    lanes.learn(lanes.scan(121), taken("b", 122, 1));
    lanes.learn(lanes.scan(1_000), taken("c", 1_101, 101));

    expect(lanes.scanDueIn(1_101)).toBeNull();
    const before = lanes.scan(2_000);
    lanes.learn(before, taken("d", 2_001, 1));
    expect(before.fromStart).toBe(false);
    expect(lanes.scan(2_001).fromStart).toBe(true);
    lanes.learn(lanes.scan(2_001), taken("e", 62_001, 60_000));
    const later = lanes.scan(72_000);
    lanes.learn(later, taken("f", 72_001, 1));
    expect(later.fromStart).toBe(false);
    expect(lanes.scan(72_001).fromStart).toBe(true);
  });
});

describe("jobs that a claim leaves where they are", () => {
  test("are not walked over again: the mark is where a claim that found nothing more has come", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), nothing(50, 50));

    expect(lanes.scan(71)).toEqual({
      fromStart: false,
      lastInTurn: null,
      lanes: [{ ...lane, mark: { runAt: AT, id: "00000000-0000-0000-0000-000000000000" } }],
    });
  });

  test("keep no claim waiting twice in a row, however long ago the last dear scan was", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), nothing(50, 50));
    const first = lanes.scan(5_000);
    lanes.learn(first, nothing(5_001, 1));
    const second = lanes.scan(5_001);
    lanes.learn(second, nothing(5_051, 50));

    expect([first.fromStart, second.fromStart]).toEqual([false, true]);
    expect(lanes.scan(60_000).fromStart).toBe(false);
  });

  test("take the mark back with a late job only when a whole backlog lies there", () => {
    const lanes = known();
    lanes.learn(lanes.scan(0), nothing(50, 50));
    lanes.learn(lanes.scan(100), nothing(101, 1));
    const late = { ...taken("late", 700, 50), isFull: false };
    lanes.learn(lanes.scan(650), late);
    const next = lanes.scan(750);
    lanes.learn(next, nothing(751, 1));
    lanes.learn(lanes.scan(9_000), { ...late, isFull: true, now: 9_050 });

    expect(next.lanes[0]?.mark?.runAt).toBe(AT);
    expect(lanes.scan(9_071).lanes[0]?.mark?.id).toBe("late");
  });
});

describe("lanes", () => {
  test("are ordered by the worker's queues, then by priority", () => {
    const lanes = new ClaimLanes(["b", "a"]);
    lanes.lookEnds(found({ queue: "a", priority: -1 }, { queue: "b", priority: 2 }));
    lanes.heardOf({ queue: "b", priority: -3 });

    expect(lanes.scan(0).lanes.map(({ queue, priority }) => [queue, priority])).toEqual([
      ["b", -3],
      ["b", 2],
      ["a", -1],
    ]);
  });

  test("of queues that the worker does not claim from are not added, nor is one twice", () => {
    const lanes = known();

    lanes.heardOf({ queue: "other", priority: 0 });
    lanes.heardOf(lane);
    lanes.heardOf({ queue: "q", priority: 1 });

    expect(lanes.scan(0).lanes.map(({ queue, priority }) => [queue, priority])).toEqual([
      ["q", 0],
      ["q", 1],
    ]);
  });
});

describe("a look for lanes", () => {
  const later = { queue: "q", priority: 5 };
  const scanned = (lanes: ClaimLanes) => lanes.scan(0).lanes.map(({ priority }) => priority);

  test("keeps what was heard of while it was under way, known before or not", () => {
    const lanes = known();
    lanes.lookBegins();
    lanes.heardOf(lane);
    lanes.heardOf(later);
    lanes.lookEnds(found());

    expect(scanned(lanes)).toEqual([0, 5]);
  });

  test("forgets what was heard of before it and is no longer there", () => {
    const lanes = known();
    lanes.heardOf(later);
    lanes.lookBegins();
    lanes.lookEnds(found(lane));

    expect(scanned(lanes)).toEqual([0]);
  });

  test("that found the queue paused leaves out what was heard of it meanwhile", () => {
    const lanes = known();
    lanes.lookBegins();
    lanes.heardOf(later);
    lanes.lookEnds({ ...found(), paused: ["q"] });

    expect(scanned(lanes)).toEqual([]);
  });
});

describe("a look for lanes that takes several", () => {
  const priorities = (lanes: ClaimLanes) => lanes.scan(0).lanes.map(({ priority }) => priority);
  const part = (priority: number) => ({ ...found({ queue: "q", priority }), next: { queue: "q", priority } });

  test("adds what each finds at once, and forgets at the end what none of them found", () => {
    const lanes = known();
    lanes.lookBegins();
    lanes.lookEnds(part(7));
    const meanwhile = priorities(lanes);
    lanes.lookBegins();
    lanes.heardOf({ queue: "q", priority: 3 });
    lanes.lookEnds(found({ queue: "q", priority: 9 }));

    expect(meanwhile).toEqual([0, 7]);
    expect(priorities(lanes)).toEqual([3, 7, 9]);
  });
});

describe("more lanes than a claim names", () => {
  const COUNT = 1_000;
  const many = Array.from({ length: COUNT }, (_, priority) => ({ queue: "q", priority }));

  function crowd() {
    const lanes = new ClaimLanes(["q"]);
    lanes.lookEnds(found(...many));
    return lanes;
  }

  /** Claims until all lanes had their turn; each lane that is `alive` gives a job at each claim. */
  function round(lanes: ClaimLanes, alive: (priority: number) => boolean) {
    const scans = [];
    for (let next = true; next; ) {
      const scan = lanes.scan(0);
      const lanesTakenFrom = new Set(scan.lanes.filter(({ priority }) => alive(priority)));
      lanes.learn(scan, { ...nothing(0, 0), count: lanesTakenFrom.size, lanesTakenFrom });
      scans.push(scan);
      next = scan.lastInTurn !== null;
    }
    return scans;
  }

  test("have their turns in their order, and none is left out, however busy the first ones are", () => {
    const scans = round(crowd(), (priority) => priority < 200);
    const named = scans.map((scan) => scan.lanes.map(({ priority }) => priority));

    expect(new Set(named.flat()).size).toBe(COUNT);
    expect(Math.max(...named.map((each) => each.length))).toBeLessThanOrEqual(150);
    for (const each of named) expect(each).toEqual([...each].sort((a, b) => a - b));
    for (const each of named) expect(each[0]).toBe(0);
  });

  test("are not left by a claim that was full: the first go on first", () => {
    const lanes = crowd();
    const scan = lanes.scan(0);
    lanes.learn(scan, { ...nothing(0, 0), count: 50, isFull: true });

    expect(lanes.scan(0).lanes).toEqual(scan.lanes);
  });

  test("are named at once when they are heard of", () => {
    const lanes = crowd();
    lanes.heardOf({ queue: "q", priority: 900 });

    expect(lanes.scan(0).lanes.at(-1)?.priority).toBe(900);
    expect(lanes.scan(0).lanes.at(-1)?.priority).not.toBe(900);
  });

  test("are forgotten when they had nothing, until they are found or heard of again", () => {
    const lanes = crowd();
    round(lanes, (priority) => priority === 500);
    lanes.heardOf({ queue: "q", priority: 700 });

    expect(lanes.scan(0).lanes.length).toBeLessThanOrEqual(150);
    expect(lanes.scan(0).lanes.map(({ priority }) => priority)).toEqual(expect.arrayContaining([500, 700]));
    expect(lanes.scan(0).lastInTurn).toBeNull();
  });
});
