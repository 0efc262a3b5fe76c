import { describe, expect, test } from "vitest";
import { parseTimetable } from "./next-tick.ts";
import { withinWindow } from "./tick-window.ts";

const at = (time: string) => new Date(`2025-06-15T${time}Z`);
const hourly = parseTimetable("0 * * * *", "UTC");

describe("a window", () => {
  test("has its first tick at its start when that is one, and else after it", () => {
    const atTick = withinWindow(hourly, { startsAt: at("06:00:00"), endsAt: null });
    const between = withinWindow(hourly, { startsAt: at("06:00:00.001"), endsAt: null });

    expect(atTick.next(at("00:00:00"))).toEqual(at("06:00:00"));
    expect(atTick.next(at("06:00:00"))).toEqual(at("07:00:00"));
    expect(between.next(at("00:00:00"))).toEqual(at("07:00:00"));
  });

  test("has no tick at its end or after it", () => {
    const window = withinWindow(hourly, { startsAt: null, endsAt: at("09:00:00") });

    expect(window.next(at("07:59:59"))).toEqual(at("08:00:00"));
    expect(window.next(at("08:00:00"))).toBeNull();
    expect(window.next(at("23:00:00"))).toBeNull();
  });

  test("without bounds is the timetable itself", () => {
    expect(withinWindow(hourly, { startsAt: null, endsAt: null })).toBe(hourly);
  });
});
