import { expect, test } from "vitest";
import { parseFuture, parsePast } from "./parse-instant.ts";

const NOW = new Date("2026-11-30T10:30:00Z");

test.each([
  ["2030-01-31T09:00:00Z", "2030-01-31T09:00:00.000Z"],
  ["2030-01-31T09:00Z", "2030-01-31T09:00:00.000Z"],
  ["2030-01-31T09:00:00.250Z", "2030-01-31T09:00:00.250Z"],
  ["2030-01-31T09:00:00+05:30", "2030-01-31T03:30:00.000Z"],
  ["2030-01-31T23:30:00-08:00", "2030-02-01T07:30:00.000Z"],
  ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["now", "2026-11-30T10:30:00.000Z"],
  ["2h ago", "2026-11-30T08:30:00.000Z"],
  ["2h-ago", "2026-11-30T08:30:00.000Z"],
  ["90s ago", "2026-11-30T10:28:30.000Z"],
  ["1d ago", "2026-11-29T10:30:00.000Z"],
  ["in 5m", "2026-11-30T10:35:00.000Z"],
])("%s is %s", (text, expected) => {
  expect(parsePast(text)(NOW).toISOString()).toBe(expected);
  expect(parseFuture(text)(NOW).toISOString()).toBe(expected);
});

test("a time of day is the last one in a filter, and the next one for a job, by this machine's time zone", () => {
  const early = new Date(2026, 10, 30, 1, 0);
  const late = new Date(2026, 10, 30, 3, 0);

  expect(parsePast("02:00")(late)).toEqual(new Date(2026, 10, 30, 2, 0));
  expect(parsePast("02:00")(early)).toEqual(new Date(2026, 10, 29, 2, 0));
  expect(parseFuture("02:00")(early)).toEqual(new Date(2026, 10, 30, 2, 0));
  expect(parseFuture("02:00:30")(late)).toEqual(new Date(2026, 11, 1, 2, 0, 30));
});

test.each([
  "",
  "tomorrow",
  "1893456000",
  "2h",
  "ago",
  "2 h ago",
  "-2h",
  "in 2h ago",
  "24:00",
  "2030-01-31",
  "2030-01-31T09:00:00",
  "2030-01-31 09:00:00Z",
  "2030-02-30T00:00:00Z",
  "2030-02-29T00:00:00Z",
  "2030-04-31T00:00:00Z",
  "2030-01-00T00:00:00Z",
  "2030-13-01T00:00:00Z",
  "2030-01-31T24:30:00Z",
  "2030-01-31T09:00:00+25:00",
])("%j is refused: it is no instant, or depends on where it is read", (text) => {
  expect(() => parsePast(text)).toThrow("Expected an instant: 2030-01-31T09:00:00Z");
});
