import { describe, expect, it } from "vitest";
import { askedTicks, limitedLines, type PreviewLine, type TickLimits } from "./limited-lines.ts";

const NO_LIMITS: TickLimits = { startsAt: null, endsAt: null, jobsLeft: null };
const day = (date: number) => `2031-03-${String(date).padStart(2, "0")}T02:00:00.000Z`;
const tick = (date: number): PreviewLine => ({ kind: "tick", at: day(date), local: `day ${date}` });
const change: PreviewLine = { kind: "clock-change", at: "2031-03-30T01:00:00.000Z", text: "forward" };
const LINES = [tick(28), tick(29), change, tick(30), tick(31)];

describe("the lines of a preview within a schedule's limits", () => {
  it("are as many ticks as are shown, without a clock change after the last one", () => {
    expect(limitedLines(LINES, NO_LIMITS, 3)).toEqual({ lines: LINES.slice(0, 4), note: null });
    expect(limitedLines(LINES, NO_LIMITS, 2)).toEqual({ lines: LINES.slice(0, 2), note: null });
  });

  it("begin with the tick at the start", () => {
    const limits = { ...NO_LIMITS, startsAt: new Date(day(30)) };

    expect(limitedLines(LINES, limits, 8)).toEqual({ lines: LINES.slice(3), note: null });
    expect(askedTicks(limits, 8)).toBe(50);
    expect(askedTicks(NO_LIMITS, 8)).toBe(8);
  });

  it("end before the tick at the end", () => {
    const { lines, note } = limitedLines(LINES, { ...NO_LIMITS, endsAt: new Date(day(30)) }, 8);

    expect(lines).toEqual(LINES.slice(0, 2));
    expect(note).toContain("ends");
  });

  it("are no more ticks than jobs may be made", () => {
    const { lines, note } = limitedLines(LINES, { ...NO_LIMITS, jobsLeft: 1 }, 8);

    expect(lines).toEqual(LINES.slice(0, 1));
    expect(note).toContain("all the jobs");
    expect(limitedLines(LINES, { ...NO_LIMITS, jobsLeft: 0 }, 8).lines).toEqual([]);
  });

  it("say so when no tick that was computed lies after the start", () => {
    const late = { ...NO_LIMITS, startsAt: new Date("2032-01-01T00:00:00.000Z") };

    expect(limitedLines(LINES, late, 8)).toMatchObject({
      lines: [],
      note: expect.stringContaining("so late"),
    });
    expect(limitedLines([], late, 8)).toEqual({ lines: [], note: null });
  });
});
