import { expect, test } from "vitest";
import { parseInstant } from "./parse-instant.ts";

test.each([
  ["2030-01-31T09:00:00Z", "2030-01-31T09:00:00.000Z"],
  ["2030-01-31T09:00Z", "2030-01-31T09:00:00.000Z"],
  ["2030-01-31T09:00:00.250Z", "2030-01-31T09:00:00.250Z"],
  ["2030-01-31T09:00:00+05:30", "2030-01-31T03:30:00.000Z"],
  ["2030-01-31T23:30:00-08:00", "2030-02-01T07:30:00.000Z"],
  ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
])("%s is %s", (text, expected) => {
  expect(parseInstant(text).toISOString()).toBe(expected);
});

test.each([
  "",
  "tomorrow",
  "1893456000",
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
  expect(() => parseInstant(text)).toThrow("Expected an ISO 8601 instant with an offset");
});
