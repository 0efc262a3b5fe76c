import { describe, expect, test } from "vitest";
import { openTimeZone } from "./time-zone.ts";

describe("openTimeZone", () => {
  test.each([
    ["UTC", 0],
    ["Asia/Kolkata", 330],
    ["Pacific/Chatham", 825],
    ["America/St_Johns", -210],
  ])("%s is %i minutes ahead in January 2025", (name, minutes) => {
    expect(openTimeZone(name).offsetAt(Date.UTC(2025, 0, 1))).toBe(minutes * 60_000);
  });

  test("a change is found to the second, with both offsets", () => {
    const change = openTimeZone("Europe/Berlin").changeBetween(
      Date.parse("2025-03-29T12:00:00.500Z"),
      Date.parse("2025-03-31T11:00:00Z"),
    );

    expect(change).toEqual({
      at: Date.parse("2025-03-30T01:00:00Z"),
      offsetBefore: 3_600_000,
      offsetAfter: 7_200_000,
    });
  });

  test("a change at the very end of the span counts, one at its start does not", () => {
    const zone = openTimeZone("Europe/Berlin");
    const at = Date.parse("2025-03-30T01:00:00Z");

    expect(zone.changeBetween(at - 1, at)?.at).toBe(at);
    expect(zone.changeBetween(at, at + 1)).toBeNull();
  });

  test.each(["", "Mars/Olympus", "+05:00", "-03", " UTC", "Europe/Berlin ", "X".repeat(51)])(
    "%j is refused as no IANA zone, with a reason and an example",
    (name) => {
      expect(() => openTimeZone(name)).toThrow(
        expect.objectContaining({
          code: "UNKNOWN_TIME_ZONE",
          field: "timezone",
          timezone: name,
          example: "Europe/Berlin",
        }),
      );
    },
  );
});
