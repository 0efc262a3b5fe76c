import { describe, expect, test } from "vitest";
import { instantOfLocal, instantText, isTimeZone, localInput, shortInstantText } from "./zoned-time.ts";

describe("instantText", () => {
  test.each([
    ["2031-01-05T13:02:33.500Z", "UTC", "2031-01-05 13:02:33 UTC"],
    ["2031-01-05T13:02:33.000Z", "Europe/Berlin", "2031-01-05 14:02:33 +01:00"],
    ["2031-01-05T23:02:33.000Z", "Asia/Kolkata", "2031-01-06 04:32:33 +05:30"],
    ["2031-01-05T05:02:33.000Z", "America/St_Johns", "2031-01-05 01:32:33 -03:30"],
    ["2031-01-05T00:00:00.000Z", "UTC", "2031-01-05 00:00:00 UTC"],
  ])("shows %s in %s", (at, zone, text) => {
    expect(instantText(new Date(at), zone)).toBe(text);
  });
});

describe("shortInstantText", () => {
  test("leaves out what now has in common with the instant", () => {
    const now = new Date("2031-01-05T12:00:00Z");
    const short = (at: string) => shortInstantText(new Date(at), now, "UTC");

    expect(short("2031-01-05T08:01:02Z")).toBe("08:01:02");
    expect(short("2031-01-04T08:01:02Z")).toBe("01-04 08:01");
    expect(short("2030-12-31T08:01:02Z")).toBe("2030-12-31");
  });
});

describe("instantOfLocal", () => {
  test("is the first instant of a time that occurs twice", () => {
    expect(instantOfLocal("2031-10-26T02:30", "Europe/Berlin")?.toISOString()).toBe(
      "2031-10-26T00:30:00.000Z",
    );
  });

  test("puts a time that a clock change skips after the change", () => {
    expect(instantOfLocal("2031-03-30T02:30", "Europe/Berlin")?.toISOString()).toBe(
      "2031-03-30T01:30:00.000Z",
    );
  });

  test.each(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])(
    "reads what localInput writes, in %s",
    (zone) => {
      for (let day = 0; day < 366; day++) {
        const at = new Date(Date.UTC(2031, 0, 1 + day, 12, 34, 56));
        expect(instantOfLocal(localInput(at, zone), zone)?.toISOString()).toBe(at.toISOString());
      }
    },
  );

  test("is null for text that is no time", () => {
    expect(["", "tomorrow", "2031-13-01T00:00"].map((text) => instantOfLocal(text, "UTC"))).toEqual([
      null,
      null,
      null,
    ]);
  });
});

test("isTimeZone knows zones by their names", () => {
  expect([isTimeZone("Europe/Berlin"), isTimeZone("UTC"), isTimeZone("Mars/Olympus")]).toEqual([
    true,
    true,
    false,
  ]);
});
