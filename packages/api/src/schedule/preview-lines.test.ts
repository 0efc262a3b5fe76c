import { preview } from "@millrace/scheduler";
import { describe, expect, test } from "vitest";
import { previewLines } from "./preview-lines.ts";

const lines = (cron: string, timezone: string, after: string, count = 3) =>
  previewLines(preview({ cron, timezone }, { after: new Date(after), count }));

describe("the lines of a preview", () => {
  test("show each tick as its zone's clock does", () => {
    expect(lines("30 9 * * *", "Asia/Kolkata", "2031-01-01T00:00:00Z", 2)).toEqual([
      { kind: "tick", at: "2031-01-01T04:00:00.000Z", local: "2031-01-01 09:30:00 +05:30" },
      { kind: "tick", at: "2031-01-02T04:00:00.000Z", local: "2031-01-02 09:30:00 +05:30" },
    ]);
    expect(lines("0 20 * * *", "America/New_York", "2031-01-01T00:00:00Z", 1)).toEqual([
      { kind: "tick", at: "2031-01-01T01:00:00.000Z", local: "2030-12-31 20:00:00 -05:00" },
    ]);
  });

  test("have a change of the clock before the tick that first shows it", () => {
    expect(lines("30 2 * * *", "Europe/Berlin", "2031-03-29T00:00:00Z")).toEqual([
      { kind: "tick", at: "2031-03-29T01:30:00.000Z", local: "2031-03-29 02:30:00 +01:00" },
      {
        kind: "clock-change",
        at: "2031-03-30T01:00:00.000Z",
        text: "The clock changes from 2031-03-30 02:00:00 +01:00 to 2031-03-30 03:00:00 +02:00",
      },
      { kind: "tick", at: "2031-03-30T01:00:00.000Z", local: "2031-03-30 03:00:00 +02:00" },
      { kind: "tick", at: "2031-03-31T00:30:00.000Z", local: "2031-03-31 02:30:00 +02:00" },
    ]);
  });

  test("have offsets with seconds as they are", () => {
    const tick = { tickAt: new Date("1900-01-01T23:40:28Z"), offset: "+00:19:32", clockChange: null };

    expect(previewLines({ words: "", warnings: [], ticks: [tick] })).toEqual([
      { kind: "tick", at: "1900-01-01T23:40:28.000Z", local: "1900-01-02 00:00:00 +00:19:32" },
    ]);
  });
});
