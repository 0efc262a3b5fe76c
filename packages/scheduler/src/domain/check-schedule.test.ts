import { JsonText } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { checkNewSchedule, checkSchedulePatch } from "./check-schedule.ts";
import type { NewSchedule } from "./schedule.ts";

const valid: NewSchedule = { name: "nightly", jobType: "report", cron: " 30 2 * * * " };

describe("checkNewSchedule", () => {
  test("fills in the defaults and trims the expression", () => {
    expect(checkNewSchedule(valid)).toEqual({
      name: "nightly",
      jobType: "report",
      cron: "30 2 * * *",
      everyMs: null,
      anchor: null,
      timezone: "UTC",
      queue: "default",
      payload: "{}",
      priority: 0,
      maxAttempts: 10,
      misfire: "latest",
      overlap: "allow",
      jitterMs: 0,
      startsAt: null,
      endsAt: null,
      maxRuns: null,
      enabled: true,
      runOnCreate: false,
    });
  });

  test("takes an interval in place of an expression", () => {
    const interval = { name: "n", jobType: "t", everyMs: 90_000, anchor: new Date("2026-01-01T00:00:00Z") };

    expect(checkNewSchedule({ ...interval, maxRuns: 3, runOnCreate: true })).toMatchObject({
      cron: null,
      everyMs: 90_000,
      anchor: "2026-01-01T00:00:00.000Z",
      timezone: "UTC",
      maxRuns: 3,
      runOnCreate: true,
    });
    expect(checkNewSchedule({ ...interval, cron: null, everyMs: 3_155_760_000_000 })).toMatchObject({
      everyMs: 3_155_760_000_000,
    });
  });

  test.each([
    ["neither an expression nor an interval", {}, "cron"],
    ["null for both", { cron: null, everyMs: null }, "cron"],
    ["both", { cron: "@daily", everyMs: 60_000 }, "everyMs"],
    ["an expression with an anchor", { cron: "@daily", anchor: new Date(0) }, "anchor"],
    ["an interval with a zone", { everyMs: 60_000, timezone: "UTC" }, "timezone"],
    ["an interval of less than a second", { everyMs: 999 }, "everyMs"],
    ["an interval of more than a hundred years", { everyMs: 3_155_760_000_001 }, "everyMs"],
    ["a fraction of a ms", { everyMs: 1_000.5 }, "everyMs"],
    ["an anchor that is no Date", { everyMs: 60_000, anchor: "2026-01-01" as never }, "anchor"],
  ] as const)("refuses %s", (_what, cadence, field) => {
    expect(() => checkNewSchedule({ name: "n", jobType: "t", ...cadence })).toThrow(
      expect.objectContaining({ code: "INVALID_SCHEDULE", field, example: expect.stringMatching(/./) }),
    );
  });

  test.each([
    ["name", ""],
    ["name", " "],
    ["name", "x".repeat(101)],
    ["name", "a\u0000"],
    ["name", "cut \ud83d"],
    ["jobType", "cut \ud83d"],
    ["queue", "\udc00 cut"],
    ["name", "0190f2d4-0000-7000-8000-000000000001"],
    ["jobType", ""],
    ["queue", "x".repeat(101)],
    ["payload", () => 1],
    ["payload", { text: "\u0000" }],
    ["payload", { text: "cut \ud83d" }],
    ["payload", { "\udc00": "a key" }],
    ["priority", 40_000],
    ["priority", 0.5],
    ["maxAttempts", 0],
    ["misfire", "never"],
    ["overlap", "maybe"],
    ["jitterMs", -1],
    ["jitterMs", 86_400_001],
    ["jitterMs", 0.5],
    ["startsAt", new Date(Number.NaN)],
    ["startsAt", "2030-01-01"],
    ["endsAt", new Date("+010000-01-01T00:00:00Z")],
    ["maxRuns", 0],
    ["maxRuns", 1.5],
    ["maxRuns", 2_147_483_648],
    ["enabled", "yes"],
    ["runOnCreate", "yes"],
    ["nextRunAt", new Date(0)],
  ])("refuses %s %j by its name, with a reason and an example", (field, value) => {
    expect(() => checkNewSchedule({ ...valid, [field]: value })).toThrow(
      expect.objectContaining({
        code: "INVALID_SCHEDULE",
        field,
        reason: expect.stringMatching(/.{10}/),
        example: expect.stringMatching(/./),
      }),
    );
  });

  test.each(["2030-01-01T00:00:00.000Z", "2029-12-31T23:59:59.999Z"])(
    "refuses a window that never opens: it starts in 2030 and ends at %s",
    (end) => {
      const window = { startsAt: new Date("2030-01-01T00:00:00Z"), endsAt: new Date(end) };

      expect(() => checkNewSchedule({ ...valid, ...window })).toThrow(
        expect.objectContaining({ field: "endsAt", reason: expect.stringContaining("never opens") }),
      );
    },
  );

  test("instants are stored as they were given, in UTC", () => {
    const window = { startsAt: new Date("2030-01-01T00:00:00.5+02:00"), endsAt: null };

    expect(checkNewSchedule({ ...valid, ...window })).toMatchObject({
      startsAt: "2029-12-31T22:00:00.500Z",
      endsAt: null,
    });
  });

  test("takes a payload of 4 MiB, and refuses a larger one, counted in bytes", () => {
    const ofBytes = (bytes: number) => "x".repeat(bytes - 2);
    const umlauts = new JsonText(JSON.stringify("\u00e4".repeat(2_097_152)));
    const largest = ofBytes(4_194_304);

    expect(checkNewSchedule({ ...valid, payload: largest }).payload).toBe(JSON.stringify(largest));
    for (const payload of [ofBytes(4_194_305), umlauts]) {
      expect(() => checkNewSchedule({ ...valid, payload })).toThrow(
        expect.objectContaining({ code: "INVALID_SCHEDULE", field: "payload" }),
      );
    }
  });

  test("refuses a payload with a cycle", () => {
    const payload: { self?: unknown } = {};
    payload.self = payload;

    expect(() => checkNewSchedule({ ...valid, payload: payload as never })).toThrow(
      expect.objectContaining({ code: "INVALID_SCHEDULE", field: "payload", cause: expect.any(TypeError) }),
    );
  });

  test.each(["name", "jobType"] as const)("refuses a schedule without %s", (field) => {
    const { [field]: _left, ...rest } = valid;

    expect(() => checkNewSchedule(rest as never)).toThrow(
      expect.objectContaining({
        code: "INVALID_SCHEDULE",
        field,
        message: expect.stringContaining("required"),
      }),
    );
  });

  test("refuses a bad expression and a bad zone, each by its own error", () => {
    expect(() => checkNewSchedule({ ...valid, cron: "61 * * * *" })).toThrow(
      expect.objectContaining({ code: "INVALID_CRON", field: "minute" }),
    );
    expect(() => checkNewSchedule({ ...valid, timezone: "Mars/Olympus" })).toThrow(
      expect.objectContaining({ code: "UNKNOWN_TIME_ZONE" }),
    );
  });

  test("characters are counted as PostgreSQL counts them", () => {
    expect(checkNewSchedule({ ...valid, name: "🦉".repeat(100) }).name).toHaveLength(200);
  });
});

describe("checkSchedulePatch", () => {
  test("keeps to the fields that are given", () => {
    expect(checkSchedulePatch({ payload: null, queue: "slow" })).toEqual({ payload: "null", queue: "slow" });
  });

  test("with a new cadence takes away the one that it replaces", () => {
    expect(checkSchedulePatch({ everyMs: 90_000 })).toEqual({ everyMs: 90_000, cron: null });
    expect(checkSchedulePatch({ cron: "@daily" })).toEqual({ cron: "@daily", everyMs: null, anchor: null });
    expect(checkSchedulePatch({ anchor: null })).toEqual({ anchor: null });
  });

  test.each(["enabled", "runOnCreate"])("refuses %s, which is for the creation", (field) => {
    const patch: object = { [field]: true };

    expect(() => checkSchedulePatch(patch)).toThrow(expect.objectContaining({ field }));
  });
});
