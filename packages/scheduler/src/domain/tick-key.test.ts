import { expect, test } from "vitest";
import { tickKey } from "./tick-key.ts";

test("a tick's key names the schedule and the instant, in UTC", () => {
  expect(tickKey("0190f2d4-0000-7000-8000-000000000001", new Date("2025-03-30T03:00:00+02:00"))).toBe(
    "schedule:0190f2d4-0000-7000-8000-000000000001:2025-03-30T01:00:00.000Z",
  );
});
