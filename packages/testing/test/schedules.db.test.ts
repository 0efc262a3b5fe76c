import { createQueue } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { expect, test } from "vitest";
import { createTestQueue } from "../src/index.ts";
import { useTestDatabase } from "../src/vitest.ts";
import { orderTask } from "./tasks.ts";

const database = useTestDatabase();

/** Every test needs a database in which no time has passed; one clone serves by emptying what happened. */
async function emptied() {
  const pool = database.pool();
  await createQueue(pool).deleteMany({ all: true });
  await pool.query("DELETE FROM millrace.job_schedules");
  return pool;
}

test("a span of time fires each tick on its own instant, over a change to summer time, and runs its job", async () => {
  const ran: (Date | null)[] = [];
  const report = orderTask("report", (_payload, { details }) => void ran.push(details.tickAt));
  const nightly = defineSchedule({
    name: "nightly",
    task: report,
    payload: { orderId: 1 },
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
  });
  const jobs = createTestQueue({ pool: await emptied(), tasks: [report], schedules: [nightly] });
  await jobs.travelTo(new Date("2026-03-27T12:00:00Z"));

  const { ticks, completed, failures } = await jobs.runUntil(new Date("2026-03-30T12:00:00Z"));

  const instants = ["2026-03-28T01:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"];
  expect(ticks.map(({ tickAt }) => tickAt.toISOString())).toEqual(instants);
  expect(ran.map((at) => at?.toISOString())).toEqual(instants);
  expect({ completed, failures }).toEqual({ completed: 3, failures: [] });
  expect((await jobs.now()).toISOString()).toMatch(/^2026-03-30T12:/);
});

test("retries and delays within a span run on their due dates, and later ones stay", async () => {
  let runs = 0;
  const flaky = orderTask("flaky", () => {
    runs += 1;
    throw new Error("busy");
  });
  const jobs = createTestQueue({ pool: await emptied(), tasks: [flaky] });
  const { id } = await jobs.queue.enqueue(flaky, { orderId: 1 });

  const result = await jobs.runFor(30_000);

  // At once, after 5 s, and 10 s later. The next attempt comes 20 s after that one, when the span is over.
  expect(runs).toBe(3);
  expect(result).toMatchObject({ retried: 3, ticks: [] });
  expect((await jobs.queue.get(id)).state).toBe("queued");
});

test("after a long pause of the schedulers, the misfire policy decides", async () => {
  const report = orderTask("report");
  const fields = { task: report, payload: { orderId: 1 }, cron: "0 * * * *" };
  const schedules = [
    defineSchedule({ ...fields, name: "latest" }),
    defineSchedule({ ...fields, name: "skip", misfire: "skip" }),
    defineSchedule({ ...fields, name: "all", misfire: "all" }),
  ];
  const jobs = createTestQueue({ pool: await emptied(), tasks: [report], schedules });
  await jobs.travelTo(new Date("2026-05-01T00:30:00Z"));
  await jobs.tick();

  await jobs.advance(5 * 3_600_000);
  const { ticks } = await jobs.tick();

  const made = Map.groupBy(ticks, ({ scheduleName }) => scheduleName);
  expect(made.get("latest")).toHaveLength(1);
  expect(made.get("all")).toHaveLength(5);
  expect(made.get("skip")).toBeUndefined();
  expect(await jobs.drain()).toMatchObject({ completed: ticks.length });
});

test("a schedule that ticks more often than was allowed is told of", async () => {
  const report = orderTask("report");
  const busy = defineSchedule({ name: "busy", task: report, payload: { orderId: 1 }, everyMs: 1_000 });
  const jobs = createTestQueue({ pool: await emptied(), tasks: [report], schedules: [busy] });

  await expect(jobs.runFor(3_600_000, { maxRuns: 5 })).rejects.toMatchObject({ code: "DRAIN_LIMIT" });
});
