import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueTicks, type FoundSchedule, MISFIRE_CAP } from "./due-ticks.ts";
import { parseTimetable, type Timetable } from "./next-tick.ts";

const now = new Date("2025-06-15T12:00:30Z");
const minutes = (...list: string[]) => list.map((time) => new Date(`2025-06-15T${time}:00Z`));

function found(overrides: Partial<FoundSchedule> & { cron?: string } = {}): FoundSchedule {
  return {
    timetable: parseTimetable(overrides.cron ?? "* * * * *", "UTC"),
    nextRunAt: new Date("2025-06-15T11:55:00Z"),
    misfire: "latest",
    overlap: "allow",
    active: false,
    ...overrides,
  };
}

describe("dueTicks", () => {
  test("a schedule without a next tick gets one after now, and fires nothing", () => {
    expect(dueTicks(found({ nextRunAt: null }), now)).toEqual({
      ticks: [],
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
      lastTick: null,
      misfired: false,
      overlapped: false,
    });
  });

  test("a tick to come stays as it is", () => {
    const nextRunAt = new Date("2025-06-15T12:00:31Z");

    expect(dueTicks(found({ nextRunAt }), now)).toMatchObject({ ticks: [], nextRunAt, lastTick: null });
  });

  test.each([
    ["latest", minutes("12:00")],
    ["skip", minutes("12:00")],
    ["all", minutes("11:55", "11:56", "11:57", "11:58", "11:59", "12:00")],
  ] as const)("%s, with the latest of the missed ticks on time", (misfire, ticks) => {
    expect(dueTicks(found({ misfire }), now)).toEqual({
      ticks,
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
      lastTick: new Date("2025-06-15T12:00:00Z"),
      misfired: true,
      overlapped: false,
    });
  });

  test.each([
    ["latest", minutes("09:00")],
    ["skip", []],
    ["all", minutes("03:00", "06:00", "09:00")],
  ] as const)("%s, with all ticks late", (misfire, ticks) => {
    const nextRunAt = new Date("2025-06-15T03:00:00Z");
    const at = new Date("2025-06-15T11:59:00Z");

    expect(dueTicks(found({ cron: "0 */3 * * *", misfire, nextRunAt }), at)).toEqual({
      ticks,
      nextRunAt: new Date("2025-06-15T12:00:00Z"),
      lastTick: new Date("2025-06-15T09:00:00Z"),
      misfired: true,
      overlapped: false,
    });
  });

  test.each([
    [0, minutes("12:00")],
    [60_000, minutes("12:00")],
    [60_001, []],
  ])("skip: a tick found %i ms late", (lateMs, ticks) => {
    const nextRunAt = new Date("2025-06-15T12:00:00Z");
    const at = new Date(nextRunAt.getTime() + lateMs);

    expect(dueTicks(found({ cron: "0 12 * * *", misfire: "skip", nextRunAt }), at).ticks).toEqual(ticks);
  });

  test("all makes no more than the cap, the most recent ones", () => {
    const { ticks } = dueTicks(found({ misfire: "all", nextRunAt: new Date("2025-06-14T00:00:00Z") }), now);

    expect(ticks).toHaveLength(MISFIRE_CAP);
    expect(ticks.at(-1)).toEqual(new Date("2025-06-15T12:00:00Z"));
    expect(ticks[0]).toEqual(new Date("2025-06-15T10:21:00Z"));
  });

  test("ten years of missed seconds are decided without walking through them", () => {
    let asked = 0;
    const timetable = parseTimetable("* * * * * *", "Europe/Berlin");
    const counting: Timetable = {
      next(after) {
        asked += 1;
        return timetable.next(after);
      },
    };
    const nextRunAt = new Date("2015-06-15T00:00:00Z");

    const latest = dueTicks(found({ timetable: counting, nextRunAt }), now);
    const askedForLatest = asked;
    const all = dueTicks(found({ timetable: counting, nextRunAt, misfire: "all" }), now);

    expect(latest.ticks).toEqual([now]);
    expect(askedForLatest).toBeLessThan(10);
    expect(all.ticks.at(-1)).toEqual(now);
    expect(all.ticks).toHaveLength(MISFIRE_CAP);
    expect(asked).toBeLessThan(1_000);
  });

  test("a next tick that is no tick of the expression fires once, for what it is", () => {
    const nextRunAt = new Date("2025-06-15T12:00:07.123Z");

    expect(dueTicks(found({ misfire: "all", nextRunAt }), now)).toMatchObject({
      ticks: [nextRunAt],
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
    });
  });

  test("overlap skip makes nothing while a job is active, and moves on", () => {
    expect(dueTicks(found({ overlap: "skip", active: true, misfire: "all" }), now)).toMatchObject({
      ticks: [],
      lastTick: new Date("2025-06-15T12:00:00Z"),
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
      overlapped: true,
    });
  });

  test("overlap skip makes one job of several ticks, which would overlap each other", () => {
    expect(dueTicks(found({ overlap: "skip", misfire: "all" }), now)).toMatchObject({
      ticks: minutes("12:00"),
      overlapped: true,
    });
  });

  test("the latest tick is the one that walking through all of them finds", () => {
    const crons = fc.constantFrom(
      "* * * * *",
      "*/7 * * * *",
      "30 2 * * *",
      "0 0 1 * *",
      "15 */5 * * mon",
      "0 0 29 2 *",
    );
    const instants = fc.date({
      min: new Date("2024-01-01"),
      max: new Date("2025-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(crons, instants, fc.integer({ min: 0, max: 300_000_000 }), (cron, until, spanMs) => {
        const timetable = parseTimetable(cron, "America/New_York");
        const nextRunAt = timetable.next(new Date(until.getTime() - spanMs));
        if (nextRunAt === null || nextRunAt > until) return;
        let expected = nextRunAt;
        for (
          let tick = timetable.next(nextRunAt);
          tick !== null && tick <= until;
          tick = timetable.next(tick)
        ) {
          expected = tick;
        }

        expect(dueTicks(found({ timetable, nextRunAt }), until).ticks).toEqual([expected]);
      }),
      { numRuns: 60 },
    );
  });
});
