import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DueTicks, dueTicks, type FoundSchedule, MISFIRE_CAP } from "./due-ticks.ts";
import { parseTimetable, type Timetable } from "./next-tick.ts";
import { withinWindow } from "./tick-window.ts";

const now = new Date("2025-06-15T12:00:30Z");
const minutes = (...list: string[]) => list.map((time) => new Date(`2025-06-15T${time}:00Z`));

function found(overrides: Partial<FoundSchedule> & { cron?: string } = {}): FoundSchedule {
  return {
    timetable: parseTimetable(overrides.cron ?? "* * * * *", "UTC"),
    nextRunAt: new Date("2025-06-15T11:55:00Z"),
    misfire: "latest",
    overlap: "allow",
    active: false,
    runsLeft: null,
    firstRun: false,
    ...overrides,
  };
}

/** The instants of the ticks that make a job. */
const firedOf = ({ ticks }: DueTicks) =>
  ticks.filter((tick) => tick.verdict === "fire").map((tick) => tick.tickAt);

/** The number of ticks of each verdict. */
function countsOf({ ticks }: DueTicks): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of ticks) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

describe("dueTicks", () => {
  test("a schedule without a next tick gets one after now, and fires nothing", () => {
    expect(dueTicks(found({ nextRunAt: null }), now)).toEqual({
      ticks: [],
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
      lastTick: null,
      misfired: false,
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
  ] as const)("%s, with the latest of the missed ticks on time, accounts for each", (misfire, fired) => {
    const due = dueTicks(found({ misfire }), now);

    expect(firedOf(due)).toEqual(fired);
    expect(due.ticks.map((tick) => tick.tickAt)).toEqual(
      minutes("11:55", "11:56", "11:57", "11:58", "11:59", "12:00"),
    );
    expect(countsOf(due)).toEqual({
      fire: fired.length,
      ...(fired.length < 6 && { "misfire-skipped": 6 - fired.length }),
    });
    expect(due).toMatchObject({
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
      lastTick: new Date("2025-06-15T12:00:00Z"),
      misfired: true,
    });
  });

  test.each([
    ["latest", minutes("09:00")],
    ["skip", []],
    ["all", minutes("03:00", "06:00", "09:00")],
  ] as const)("%s, with all ticks late", (misfire, ticks) => {
    const nextRunAt = new Date("2025-06-15T03:00:00Z");
    const at = new Date("2025-06-15T11:59:00Z");

    const due = dueTicks(found({ cron: "0 */3 * * *", misfire, nextRunAt }), at);

    expect(firedOf(due)).toEqual(ticks);
    expect(due).toMatchObject({
      nextRunAt: new Date("2025-06-15T12:00:00Z"),
      lastTick: new Date("2025-06-15T09:00:00Z"),
      misfired: true,
    });
  });

  test.each([
    [0, minutes("12:00")],
    [60_000, minutes("12:00")],
    [60_001, []],
  ])("skip: a tick found %i ms late", (lateMs, ticks) => {
    const nextRunAt = new Date("2025-06-15T12:00:00Z");
    const at = new Date(nextRunAt.getTime() + lateMs);

    expect(firedOf(dueTicks(found({ cron: "0 12 * * *", misfire: "skip", nextRunAt }), at))).toEqual(ticks);
  });

  test("all makes no more than the cap, the most recent ones", () => {
    const ticks = firedOf(
      dueTicks(found({ misfire: "all", nextRunAt: new Date("2025-06-14T00:00:00Z") }), now),
    );

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
    const all = firedOf(dueTicks(found({ timetable: counting, nextRunAt, misfire: "all" }), now));

    expect(firedOf(latest)).toEqual([now]);
    expect(countsOf(latest)).toEqual({ fire: 1, "misfire-skipped": MISFIRE_CAP - 1 });
    expect(askedForLatest).toBeLessThan(1_000);
    expect(all.at(-1)).toEqual(now);
    expect(all).toHaveLength(MISFIRE_CAP);
  });

  test("a next tick that is no tick of the expression fires once, for what it is", () => {
    const nextRunAt = new Date("2025-06-15T12:00:07.123Z");

    expect(dueTicks(found({ misfire: "all", nextRunAt }), now)).toMatchObject({
      ticks: [{ tickAt: nextRunAt, verdict: "fire" }],
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
    });
  });

  test("overlap skip makes nothing while a job is active, and moves on", () => {
    const due = dueTicks(found({ overlap: "skip", active: true, misfire: "all" }), now);

    expect(countsOf(due)).toEqual({ "overlap-skipped": 6 });
    expect(due).toMatchObject({
      lastTick: new Date("2025-06-15T12:00:00Z"),
      nextRunAt: new Date("2025-06-15T12:01:00Z"),
    });
  });

  test("overlap skip makes one job of several ticks, which would overlap each other", () => {
    const due = dueTicks(found({ overlap: "skip", misfire: "all" }), now);

    expect(firedOf(due)).toEqual(minutes("12:00"));
    expect(countsOf(due)).toEqual({ fire: 1, "overlap-skipped": 5 });
  });

  test("a tick that both policies leave out is the misfire policy's", () => {
    const due = dueTicks(found({ overlap: "skip", active: true, misfire: "latest" }), now);

    expect(countsOf(due)).toEqual({ "misfire-skipped": 5, "overlap-skipped": 1 });
  });

  test("a timetable that ends leaves no tick to come, and its last ticks are accounted for", () => {
    const endsAt = new Date("2025-06-15T11:58:00Z");
    const timetable = withinWindow(parseTimetable("* * * * *", "UTC"), { startsAt: null, endsAt });

    const due = dueTicks(found({ timetable, misfire: "all" }), now);

    expect(firedOf(due)).toEqual(minutes("11:55", "11:56", "11:57"));
    expect(due).toMatchObject({ nextRunAt: null, lastTick: new Date("2025-06-15T11:57:00Z") });
  });

  describe("with a limit of jobs", () => {
    test.each([
      ["all", 2, minutes("11:55", "11:56"), 2],
      ["all", 6, minutes("11:55", "11:56", "11:57", "11:58", "11:59", "12:00"), 6],
      ["latest", 1, minutes("12:00"), 6],
    ] as const)(
      "%s makes no more than the %i jobs that are left, and ends",
      (misfire, runsLeft, fired, ticks) => {
        const due = dueTicks(found({ misfire, runsLeft }), now);

        expect(firedOf(due)).toEqual(fired);
        expect(due.ticks).toHaveLength(ticks);
        expect(due).toMatchObject({ nextRunAt: null, lastTick: fired.at(-1) });
      },
    );

    test("goes on while jobs are left", () => {
      const due = dueTicks(found({ misfire: "all", runsLeft: 7 }), now);

      expect(firedOf(due)).toHaveLength(6);
      expect(due.nextRunAt).toEqual(new Date("2025-06-15T12:01:00Z"));
    });

    test("does not count a tick that makes no job", () => {
      const due = dueTicks(found({ overlap: "skip", active: true, runsLeft: 1 }), now);

      expect(due.nextRunAt).toEqual(new Date("2025-06-15T12:01:00Z"));
    });

    test.each([null, minutes("11:55")[0], minutes("13:00")[0]])(
      "of which none is left has no tick, whatever the next one was to be: %s",
      (nextRunAt = null) => {
        expect(dueTicks(found({ nextRunAt, runsLeft: 0 }), now)).toEqual({
          ticks: [],
          nextRunAt: null,
          lastTick: null,
          misfired: false,
        });
      },
    );
  });

  describe("the run at the creation", () => {
    const createdAt = new Date("2025-06-15T11:53:07.123Z");
    const created = { nextRunAt: createdAt, firstRun: true };

    test.each([
      ["latest", minutes("12:00")],
      ["skip", minutes("12:00")],
      ["all", minutes("11:54", "11:55", "11:56", "11:57", "11:58", "11:59", "12:00")],
    ] as const)("fires however late, beside what %s fires", (misfire, others) => {
      expect(firedOf(dueTicks(found({ ...created, misfire }), now))).toEqual([createdAt, ...others]);
    });

    test("fires under skip when all ticks are late, and is then the only one", () => {
      const due = dueTicks(found({ ...created, cron: "0 13 * * *", misfire: "skip" }), now);

      expect(firedOf(due)).toEqual([createdAt]);
      expect(due.nextRunAt).toEqual(new Date("2025-06-15T13:00:00Z"));
    });

    test("gives way to a later tick that fires where jobs must not overlap, and to no tick that does not", () => {
      const careful = { ...created, overlap: "skip", misfire: "skip" } as const;
      const late = new Date("2025-06-15T11:59:30Z");

      expect(firedOf(dueTicks(found(careful), now))).toEqual(minutes("12:00"));
      expect(firedOf(dueTicks(found({ ...careful, cron: "55 * * * *" }), late))).toEqual([createdAt]);
    });

    test("is among the ticks that are kept of too many", () => {
      const longAgo = new Date("2024-01-01T00:00:07Z");
      const { ticks } = dueTicks(found({ ...created, nextRunAt: longAgo }), now);

      expect(ticks).toHaveLength(MISFIRE_CAP);
      expect(ticks[0]).toEqual({ tickAt: longAgo, verdict: "fire" });
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

        expect(firedOf(dueTicks(found({ timetable, nextRunAt }), until))).toEqual([expected]);
      }),
      { numRuns: 60 },
    );
  });
});
