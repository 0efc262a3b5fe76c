import { describe, expect, test } from "vitest";
import { type StatusFacts, scheduleStatus } from "./schedule-status.ts";

const now = new Date("2025-06-15T12:00:00Z");
const past = new Date("2025-06-15T11:00:00Z");
const ready: StatusFacts = {
  enabled: true,
  cron: "0 * * * *",
  timezone: "UTC",
  everyMs: null,
  anchor: null,
  createdAt: past,
  startsAt: null,
  endsAt: null,
  maxRuns: null,
  runs: 7,
  nextRunAt: new Date("2025-06-15T13:00:00Z"),
  handled: true,
  now,
};

describe("a schedule's status", () => {
  test.each([
    ["ready", {}],
    ["ready", { nextRunAt: null }],
    ["no-handler", { handled: false }],
    ["no-future", { nextRunAt: null, endsAt: past }],
    ["no-future", { nextRunAt: null, endsAt: past, handled: false }],
    ["ready", { nextRunAt: past, endsAt: past }],
    ["invalid", { cron: "not a cron" }],
    ["invalid", { timezone: "Mars/Olympus", handled: false }],
    ["ready", { cron: null, everyMs: 90_000, nextRunAt: null }],
    ["no-future", { cron: null, everyMs: 90_000, nextRunAt: null, endsAt: past }],
    ["ready", { maxRuns: 8 }],
    ["ended", { maxRuns: 7 }],
    ["ended", { maxRuns: 7, nextRunAt: null, endsAt: past, handled: false }],
    ["invalid", { maxRuns: 7, cron: "not a cron" }],
    ["disabled", { maxRuns: 7, enabled: false }],
    ["disabled", { enabled: false, nextRunAt: null, handled: false }],
    ["disabled", { enabled: false, cron: "not a cron" }],
  ] as const)("is %s with %j", (status, facts) => {
    expect(scheduleStatus({ ...ready, ...facts })).toBe(status);
  });
});
