import { defineTask } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { defineSchedule } from "./define-schedule.ts";
import { checkNewSchedule, checkSchedulePatch } from "./domain/check-schedule.ts";
import { describeSchedule } from "./domain/describe-schedule.ts";
import { previewTicks } from "./domain/next-tick.ts";
import { preview } from "./domain/preview.ts";
import { createScheduler } from "./runtime/scheduler.ts";
import { createSchedules } from "./runtime/schedules.ts";

const payload = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;
const task = defineTask({ name: "t", payload, run: () => undefined });
const schedule = { name: "nightly", jobType: "t", cron: "@daily" };
const when = { after: new Date(0), count: 1 };
// Every refusal comes before the pool or the queue is used.
const pool = { connect: () => undefined, query: () => Promise.reject(new Error("no statement is sent")) };
const queue = { enqueueMany: () => Promise.reject(new Error("nothing is enqueued")) };
const schedules = createSchedules(pool);

/**
 * Calls with one wrong field more. Such calls are JavaScript's: the compiler refuses a wrong field only in a literal.
 */
type Call = (more: object) => unknown;

const calls: [string, Call, near: string, wrong: string][] = [
  [
    "defineSchedule",
    (more) => defineSchedule({ name: "n", cron: "@daily", task, payload: {}, ...more }),
    "jitterMs",
    "jiterMs",
  ],
  ["a new schedule", (more) => checkNewSchedule({ ...schedule, ...more }), "timezone", "timeZones"],
  ["a patch", (more) => checkSchedulePatch(more), "misfire", "misfires"],
  ["createScheduler", (more) => createScheduler({ pool, queue, ...more }), "tickMs", "tickMS"],
  ["createScheduler", (more) => createScheduler({ pool, queue, ...more }), "jobTimeoutMs", "jobTimeout"],
  ["createSchedules", (more) => createSchedules(pool, more), "tasks", "task"],
  ["list", (more) => schedules.list(more), "enabled", "enable"],
  ["ticks", (more) => schedules.ticks("nightly", more), "limit", "limits"],
  ["preview", (more) => preview({ cron: "@daily", timezone: "UTC", ...more }, when), "endsAt", "endAt"],
  [
    "preview's options",
    (more) => preview({ cron: "@daily", timezone: "UTC" }, { ...when, ...more }),
    "count",
    "counts",
  ],
  ["describeSchedule", (more) => describeSchedule({ cron: "@daily", ...more }), "anchor", "anchr"],
  ["createSchedules' tasks and audit", (more) => createSchedules(pool, more), "audit", "audits"],
  ["previewTicks", (more) => previewTicks("@daily", "UTC", { ...when, ...more }), "after", "afterr"],
];

describe.each(calls)("%s", (_name, call, near, wrong) => {
  test(`refuses an unknown field by name, and asks whether ${near} was meant`, async () => {
    await expect(async () => call({ [wrong]: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_(OPTION|SCHEDULE)$/),
      message: expect.stringMatching(new RegExp(`\\b${wrong}\` is unknown; did you mean \`${near}\`\\?`)),
    });
  });

  test("refuses a field that is undefined, which would be a default without a word", async () => {
    await expect(async () => call({ [near]: undefined })).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_(OPTION|SCHEDULE)$/),
      message: expect.stringMatching(new RegExp(`\\b${near}\` is undefined`)),
    });
  });
});

test("a schedule as it was read can be previewed", () => {
  const read = { ...schedule, timezone: "UTC", id: "1", declared: false, startsAt: null, endsAt: null };

  expect(preview(read, when).ticks).toHaveLength(1);
});

test("defineSchedule refuses a task's name in place of the task", () => {
  expect(() => defineSchedule({ name: "n", cron: "@daily", task: "t" as never, payload: {} })).toThrow(
    expect.objectContaining({ code: "INVALID_SCHEDULE", field: "task" }),
  );
});
