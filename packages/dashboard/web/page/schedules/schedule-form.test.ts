import type { Schedule } from "@millrace/api/client";
import { describe, expect, it } from "vitest";
import {
  emptyForm,
  filledForm,
  formErrors,
  newSchedule,
  type ScheduleForm,
  schedulePatch,
} from "./schedule-form.ts";

const ZONE = "Europe/Berlin";

const NIGHTLY: Schedule = {
  id: "0192aaaa-0000-7000-8000-000000000001",
  name: "nightly",
  jobType: "report",
  queue: "default",
  payload: '{"big": 12345678901234567890}',
  priority: -5,
  cron: "30 2 * * *",
  everyMs: null,
  anchor: null,
  timezone: ZONE,
  description: "At 02:30",
  enabled: true,
  maxAttempts: 10,
  misfire: "latest",
  overlap: "skip",
  jitterMs: 90_000,
  startsAt: "2031-01-01T00:00:00.000Z",
  endsAt: null,
  maxRuns: 7,
  runs: 0,
  declared: false,
  status: "ready",
  warnings: [],
  nextRunAt: null,
  lastRunAt: null,
  createdAt: "2031-01-01T00:00:00.000Z",
  updatedAt: "2031-01-01T00:00:00.000Z",
};

const POLL: Schedule = {
  ...NIGHTLY,
  cron: null,
  everyMs: 90_000,
  anchor: "2031-06-01T10:00:00.000Z",
  timezone: "UTC",
};

const filled = filledForm(NIGHTLY, ZONE);

const patchOf = (from: Schedule, change: Partial<ScheduleForm>) => {
  const before = filledForm(from, ZONE);
  return schedulePatch({ ...before, ...change }, before, ZONE);
};

describe("the form of a new schedule", () => {
  const form = { ...emptyForm("UTC"), name: " nightly ", jobType: "report", cron: "30 2 * * *" };

  it("becomes a request with every field", () => {
    expect(formErrors(form)).toEqual({});
    expect(newSchedule({ ...form, endsAt: "2031-07-01T00:00" }, ZONE)).toEqual({
      name: "nightly",
      jobType: "report",
      queue: "default",
      cron: "30 2 * * *",
      everyMs: null,
      anchor: null,
      timezone: "UTC",
      payload: "{}",
      priority: 0,
      maxAttempts: 10,
      misfire: "latest",
      overlap: "allow",
      jitterMs: 0,
      startsAt: null,
      endsAt: "2031-06-30T22:00:00.000Z",
      maxRuns: null,
      enabled: true,
    });
  });

  it("sends no zone and no expression for an interval", () => {
    const request = newSchedule({ ...form, cadence: "every", every: "5m", runOnCreate: true }, ZONE);

    expect(request).toMatchObject({ cron: null, everyMs: 300_000, runOnCreate: true });
    expect(request).not.toHaveProperty("timezone");
  });

  it.each<[Partial<ScheduleForm>, keyof ScheduleForm]>([
    [{ name: " " }, "name"],
    [{ cron: "" }, "cron"],
    [{ cadence: "every", every: "" }, "every"],
    [{ cadence: "every", every: "90" }, "every"],
    [{ timezone: "Mars/Base" }, "timezone"],
    [{ payload: "{a: 1}" }, "payload"],
    [{ priority: "high" }, "priority"],
    [{ maxAttempts: "0" }, "maxAttempts"],
    [{ maxRuns: "1.5" }, "maxRuns"],
    [{ jitter: "a while" }, "jitter"],
    [{ startsAt: "2031-01-02T00:00", endsAt: "2031-01-01T00:00" }, "endsAt"],
  ])("names the field that is wrong: %j", (change, field) => {
    expect(Object.keys(formErrors({ ...form, ...change }))).toEqual([field]);
  });
});

describe("the form of a schedule to change", () => {
  it.each([NIGHTLY, POLL])("sends nothing where nothing differs", (schedule) => {
    expect(formErrors(filledForm(schedule, ZONE))).toEqual({});
    expect(patchOf(schedule, {})).toBeNull();
  });

  it("sends only what differs, and the payload as the text it is", () => {
    expect(patchOf(NIGHTLY, { priority: "3" })).toEqual({ priority: 3 });
    expect(patchOf(NIGHTLY, { payload: '{"big": 12345678901234567891}' })).toEqual({
      payload: '{"big": 12345678901234567891}',
    });
    expect(patchOf(NIGHTLY, { startsAt: "", maxRuns: "" })).toEqual({ startsAt: null, maxRuns: null });
  });

  it("replaces one cadence by the other", () => {
    expect(patchOf(NIGHTLY, { cadence: "every", every: "1h" })).toEqual({ everyMs: 3_600_000 });
    expect(patchOf(POLL, { cadence: "cron", cron: "@daily", timezone: "UTC" })).toEqual({
      cron: "@daily",
      timezone: "UTC",
    });
    expect(patchOf(POLL, { anchor: "" })).toEqual({ anchor: null });
  });

  it("shows instants by the clock of the viewer's zone", () => {
    expect(filled.startsAt).toBe("2031-01-01T01:00:00");
  });
});
