import { defineTask } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkDefaultNames, scheduleTimeouts, taskLimits, withAttempts } from "./job-defaults.ts";

const settings = { taskDefaults: {}, scheduleDefaults: {}, maxAttempts: 10 };

function declare({ task, schedule }: { task?: number; schedule?: number }) {
  return defineSchedule({
    name: "digest",
    cron: "@daily",
    payload: {},
    task: defineTask({
      name: "mail",
      payload: z.strictObject({}),
      run: () => undefined,
      ...(task !== undefined && { maxAttempts: task }),
    }),
    ...(schedule !== undefined && { maxAttempts: schedule }),
  });
}

describe("the attempts of a declared schedule's jobs are decided by", () => {
  const named = { taskDefaults: { mail: { maxAttempts: 3 } } };
  const both = { ...named, scheduleDefaults: { digest: { maxAttempts: 2 } } };

  test.each([
    ["the worker's maxAttempts", {}, { maxAttempts: 6 }, 6],
    ["the task before the worker", { task: 5 }, { maxAttempts: 6 }, 5],
    ["the task's entry before the task", { task: 5 }, named, 3],
    ["the task's entry, where the task says nothing", {}, named, 3],
    ["the declaration before the task's entry", { task: 5, schedule: 4 }, named, 4],
    ["the schedule's entry before all", { task: 5, schedule: 4 }, both, 2],
    [
      "the worker, where entries say only a time-out",
      {},
      { scheduleDefaults: { digest: { timeoutMs: 1 } } },
      10,
    ],
  ])("%s", (_who, declared, given, expected) => {
    expect(withAttempts(declare(declared), { ...settings, ...given }).fields.maxAttempts).toBe(expected);
  });
});

test("limits go on without fields that are absent", () => {
  const given = { ...settings, taskDefaults: { mail: { maxAttempts: 3, timeoutMs: undefined }, a: {} } };

  expect(taskLimits(given)).toEqual({ mail: { maxAttempts: 3 }, a: {} });
  expect(taskLimits(given).mail).not.toHaveProperty("timeoutMs");
  expect(
    scheduleTimeouts({ ...settings, scheduleDefaults: { digest: { timeoutMs: 5 }, b: { maxAttempts: 1 } } }),
  ).toEqual({ digest: 5 });
});

describe("a name that the worker does not have is refused", () => {
  const has = { tasks: ["mail.welcome", "http.request"], schedules: [] };

  test.each([
    [
      { taskDefaults: { "mail.welcom": {} } },
      'taskDefaults names "mail.welcom", but this worker has no task of this name. Did you mean "mail.welcome"?',
    ],
    [
      { taskDefaults: { constructor: {} } },
      'taskDefaults names "constructor", but this worker has no task of this name. It has mail.welcome, http.request.',
    ],
    [
      { scheduleDefaults: { digest: {} } },
      'scheduleDefaults names "digest", but this worker has no declared schedule of this name. It has none.',
    ],
  ])("%j", (given, message) => {
    expect(() => checkDefaultNames({ ...settings, ...given }, has)).toThrow(
      expect.objectContaining({ code: "UNKNOWN_DEFAULTS", message }),
    );
  });

  test("and a name that it has is not", () => {
    const given = { ...settings, taskDefaults: { "http.request": { timeoutMs: 1 } } };

    expect(() => checkDefaultNames(given, has)).not.toThrow();
  });
});
