import { defineTask } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { expect, test } from "vitest";
import { z } from "zod";
import { tickJobs } from "./tick-jobs.ts";

const report = defineTask({
  name: "report",
  queue: "reports",
  maxAttempts: 3,
  payload: z.object({ to: z.string() }),
  run: () => undefined,
});

test("tells the job of each tick, with what the schedule takes from its task", async () => {
  const nightly = defineSchedule({
    name: "nightly",
    task: report,
    payload: { to: "finance" },
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
    jitterMs: 60_000,
  });

  const jobs = await tickJobs(nightly, { after: new Date("2026-03-28T12:00:00Z"), count: 2 });

  const job = { type: "report", payload: { to: "finance" }, queue: "reports", priority: 0, maxAttempts: 3 };
  expect(jobs).toEqual([
    { ...job, tickAt: new Date("2026-03-29T01:00:00Z"), jitterMs: 60_000 },
    { ...job, tickAt: new Date("2026-03-30T00:30:00Z"), jitterMs: 60_000 },
  ]);
});

test("an interval counts from its anchor, and ends with its schedule", async () => {
  const every = defineSchedule({
    name: "every",
    task: report,
    payload: { to: "finance" },
    everyMs: 3_600_000,
    anchor: new Date("2026-01-01T00:10:00Z"),
    endsAt: new Date("2026-01-01T02:00:00Z"),
  });

  const jobs = await tickJobs(every, { after: new Date("2026-01-01T00:00:00Z"), count: 10 });

  expect(jobs.map(({ tickAt }) => tickAt.toISOString())).toEqual([
    "2026-01-01T00:10:00.000Z",
    "2026-01-01T01:10:00.000Z",
  ]);
});

test("a payload that the task refuses is refused, and so is an unknown option", async () => {
  const wrong = defineSchedule({ name: "wrong", task: report, payload: { to: 7 } as never, cron: "@daily" });

  await expect(tickJobs(wrong, { after: new Date(0) })).rejects.toMatchObject({ code: "INVALID_SCHEDULE" });
  await expect(tickJobs(wrong, { afters: new Date(0) } as never)).rejects.toThrow("did you mean `after`?");
});
