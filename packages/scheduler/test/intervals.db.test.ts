import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createScheduler,
  createSchedules,
  type NewSchedule,
  nextTick,
  type SchedulerEvent,
  type Schedules,
  tickDelayMs,
  tickKey,
} from "../src/index.ts";
import { jobsOf, makeDue, scheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 20 });
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}; DELETE FROM millrace.job_schedules`);
});

/** Long enough that no tick but those that a test brings about comes due while the test runs. */
const HOURS = 7_200_000;

async function tickOnce(): Promise<SchedulerEvent[]> {
  const events: SchedulerEvent[] = [];
  await createScheduler({ pool, queue, onEvent: (event) => events.push(event) }).tickOnce();
  return events;
}

/** Creates an interval of which a tick was due `ageMs` ago, as if no scheduler had run for its last `count` ticks. */
async function missed(count: number, fields: Partial<NewSchedule> = {}, ageMs = 1_000) {
  const anchor = new Date(Date.now() - 1_000 * HOURS - ageMs);
  const { id } = await schedules.create({ name: "missed", jobType: "t", everyMs: HOURS, anchor, ...fields });
  const ticks = Array.from({ length: count }, (_, n) => {
    return new Date(anchor.getTime() + (1_000 - count + 1 + n) * HOURS);
  });
  await pool.query("UPDATE millrace.job_schedules SET next_run_at = $2 WHERE id = $1", [id, ticks[0]]);
  return { id, ticks, next: new Date(anchor.getTime() + 1_001 * HOURS) };
}

describe("an interval", () => {
  test("is written and read back, and has its first tick one interval after its creation", async () => {
    const created = await schedules.create({ name: "poll", jobType: "t", everyMs: 90_000 });

    expect(created).toMatchObject({
      cron: null,
      everyMs: 90_000,
      anchor: null,
      timezone: "UTC",
      warnings: [],
    });
    expect(created.nextRunAt).toEqual(new Date(created.createdAt.getTime() + 90_000));
    expect(await schedules.get("poll")).toEqual(created);
    expect(await scheduleRow(pool, created.id)).toMatchObject({ cron_expr: null, every_ms: "90000" });
  });

  test("counts from its anchor, past or to come", async () => {
    const past = new Date("2020-01-01T00:00:00.250Z");
    const toCome = new Date(Date.now() + 10 * HOURS);

    const first = await schedules.create({ name: "past", jobType: "t", everyMs: HOURS, anchor: past });
    const second = await schedules.create({ name: "to come", jobType: "t", everyMs: HOURS, anchor: toCome });

    expect(first.anchor).toEqual(past);
    expect((Number(first.nextRunAt) - past.getTime()) % HOURS).toBe(0);
    const aheadMs = Number(first.nextRunAt) - first.createdAt.getTime();
    expect(aheadMs).toBeGreaterThan(0);
    expect(aheadMs).toBeLessThanOrEqual(HOURS);
    expect(second.nextRunAt).toEqual(toCome);
  });

  test("as long as a hundred years, from an anchor of long ago, is exact", async () => {
    const everyMs = 3_155_760_000_000;
    const anchor = new Date("0001-01-01T00:00:00Z");

    const { nextRunAt } = await schedules.create({ name: "century", jobType: "t", everyMs, anchor });

    expect((Number(nextRunAt) - anchor.getTime()) % everyMs).toBe(0);
    expect((await schedules.get("century")).everyMs).toBe(everyMs);
  });

  test("that is inserted by SQL gets its next tick from a scheduler, on the grid of its creation", async () => {
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO millrace.job_schedules (name, job_type, every_ms, created_at)
       VALUES ('by hand', 't', 7200000, '2025-01-01T00:30:00Z') RETURNING id`,
    );

    await tickOnce();

    const { nextRunAt } = await schedules.get(rows[0]?.id ?? "");
    expect((Number(nextRunAt) - Date.parse("2025-01-01T00:30:00Z")) % HOURS).toBe(0);
    expect(await scheduleRow(pool, rows[0]?.id ?? "")).toMatchObject({ ahead: true, runs: 0 });
  });

  test("makes a job for its tick, with the tick's key and instant, and moves on by one interval", async () => {
    const { id, ticks, next } = await missed(1);
    const [tickAt = new Date(Number.NaN)] = ticks;

    const events = await tickOnce();
    await tickOnce();

    expect(events).toMatchObject([{ kind: "tick", tickAt, outcome: "enqueued" }]);
    expect(await jobsOf(pool, id)).toMatchObject([{ idempotency_key: tickKey(id, tickAt), tick_at: tickAt }]);
    expect(await schedules.get(id)).toMatchObject({ nextRunAt: next, lastRunAt: tickAt, runs: 1 });
  });

  test.each([
    ["latest", [4]],
    ["skip", [4]],
    ["all", [0, 1, 2, 3, 4]],
  ] as const)("found late follows the policy %s, and keeps to its grid", async (misfire, fired) => {
    const { id, ticks, next } = await missed(5, { misfire });

    const events = await tickOnce();

    const made = fired.map((n) => tickKey(id, ticks[n] ?? new Date(Number.NaN)));
    expect((await jobsOf(pool, id)).map((job) => job["idempotency_key"]).sort()).toEqual(made.sort());
    expect((await schedules.ticks(id)).map(({ tickAt }) => tickAt)).toEqual(ticks.toReversed());
    expect(events[0]).toMatchObject({ kind: "misfire", policy: misfire, jobs: fired.length });
    expect((await schedules.get(id)).nextRunAt).toEqual(next);
  });

  test("found late in all its ticks makes no job under skip", async () => {
    const { id, next } = await missed(3, { misfire: "skip" }, 120_000);

    await tickOnce();

    expect(await jobsOf(pool, id)).toEqual([]);
    expect((await schedules.get(id)).nextRunAt).toEqual(next);
  });

  test("skips ticks while a job is unfinished, and delays jobs by its jitter", async () => {
    const jitterMs = 86_400_000;
    const { id, ticks } = await missed(1, { overlap: "skip", jitterMs });
    const [first = new Date(Number.NaN)] = ticks;
    await tickOnce();
    await makeDue(pool, id, "now()");

    const events = await tickOnce();

    const [job] = await jobsOf(pool, id);
    const dueMs = first.getTime() + tickDelayMs(id, first, jitterMs);
    expect(Number(job?.["run_at"])).toBe(Math.max(Number(job?.["created_at"]), dueMs));
    expect(events).toMatchObject([{ kind: "overlap-skipped" }]);
    expect(await jobsOf(pool, id)).toHaveLength(1);
  });

  test("keeps to its window, and ends with it", async () => {
    const { id } = await schedules.create({ name: "window", jobType: "t", everyMs: HOURS });
    const startsAt = new Date(Date.now() + 100 * HOURS);

    const moved = await schedules.update(id, { startsAt });

    const aheadMs = Number(moved.nextRunAt) - startsAt.getTime();
    expect(aheadMs).toBeGreaterThanOrEqual(0);
    expect(aheadMs).toBeLessThan(HOURS);
    await expect(schedules.update(id, { endsAt: new Date(startsAt.getTime() + 1) })).rejects.toMatchObject({
      code: "INVALID_SCHEDULE",
      field: "endsAt",
    });
  });
});

describe("the cadence of a schedule", () => {
  test("changes from an expression to an interval and back, and each counts from now", async () => {
    const berlin = { name: "s", jobType: "t", cron: "0 6 1 1 *", timezone: "Europe/Berlin" };
    const { id, createdAt } = await schedules.create(berlin);

    const interval = await schedules.update(id, { everyMs: HOURS });
    const anchored = await schedules.update(id, { anchor: new Date("2020-01-01T00:00:00Z") });
    const back = await schedules.update(id, { cron: "@yearly" });

    expect(interval).toMatchObject({ cron: null, everyMs: HOURS, anchor: null });
    expect(interval.nextRunAt).toEqual(new Date(createdAt.getTime() + HOURS));
    expect((Number(anchored.nextRunAt) - Date.parse("2020-01-01T00:00:00Z")) % HOURS).toBe(0);
    expect(back).toMatchObject({ cron: "@yearly", everyMs: null, anchor: null, timezone: "Europe/Berlin" });
    expect(back.nextRunAt).toEqual(nextTick("@yearly", "Europe/Berlin", back.updatedAt));
  });

  test.each([
    ["an anchor for an expression", { anchor: new Date(0) }, "anchor"],
    ["no expression, and no interval in its place", { cron: null }, "cron"],
    ["an interval with a zone", { everyMs: 60_000, timezone: "Europe/Berlin" }, "timezone"],
    ["both at once", { cron: "@daily", everyMs: 60_000 }, "everyMs"],
  ])("cannot be changed to %s", async (_what, patch, field) => {
    const before = await schedules.create({ name: "s", jobType: "t", cron: "@yearly" });

    await expect(schedules.update("s", patch)).rejects.toMatchObject({ code: "INVALID_SCHEDULE", field });
    expect(await schedules.get("s")).toEqual(before);
  });

  test("that is an interval refuses a zone, which would change nothing", async () => {
    await schedules.create({ name: "s", jobType: "t", everyMs: HOURS });

    await expect(schedules.update("s", { timezone: "Asia/Tokyo" })).rejects.toMatchObject({
      field: "timezone",
    });
  });
});

describe("three schedulers", () => {
  test("fire each missed tick of many intervals once", async () => {
    const first = new Date(Date.now() - 5_000_000);
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, every_ms, anchor, misfire, next_run_at)
       SELECT 'free-' || n, 'free', 1000000, $1, 'all', $1 FROM generate_series(1, 100) AS n`,
      [first],
    );

    const three = [1, 2, 3].map(() => createScheduler({ pool, queue }));
    await Promise.all(three.map((scheduler) => scheduler.tickOnce()));
    // A batch that another held was skipped: what one left, none leaves. A scheduler that starts later finds nothing.
    await createScheduler({ pool, queue }).tickOnce();
    await createScheduler({ pool, queue }).tickOnce();

    const { rows } = await pool.query(
      `SELECT DISTINCT count(*)::int AS jobs, count(DISTINCT tick_at)::int AS ticks,
              ((extract(epoch FROM min(tick_at)) - extract(epoch FROM $1::timestamptz)) * 1000)::int AS first_ms,
              (SELECT runs FROM millrace.job_schedules AS s WHERE s.id = schedule_id) AS runs
       FROM millrace.jobs WHERE type = 'free' GROUP BY schedule_id`,
      [first],
    );
    // Five intervals have passed, with a tick at each end.
    expect(rows).toEqual([{ jobs: 6, ticks: 6, first_ms: 0, runs: 6 }]);
  });
});

describe("an expression with a step", () => {
  test("that is longer than its field is refused, and nothing is written", async () => {
    const long = { name: "long", jobType: "t", cron: "*/90 * * * *" };

    await expect(schedules.create(long)).rejects.toMatchObject({
      code: "INVALID_CRON",
      field: "minute",
      message: expect.stringContaining("everyMs: 5_400_000"),
    });
    await expect(schedules.ensure(long)).rejects.toMatchObject({ code: "INVALID_CRON" });
    expect(await schedules.list()).toEqual([]);
  });

  test("that is uneven comes with a warning, whenever the schedule is read or written", async () => {
    const warnings = [expect.stringContaining("after 21:00 the next tick is 00:00, 3 h later")];

    const created = await schedules.create({ name: "uneven", jobType: "t", cron: "0 */7 * * *" });
    const updated = await schedules.update("uneven", { cron: "30 */7 * * *" });
    const [listed] = await schedules.list();
    const mended = await schedules.update("uneven", { cron: "0 */8 * * *" });

    expect(created.warnings).toEqual(warnings);
    expect(updated.warnings).toEqual([expect.stringContaining("after 21:30 the next tick is 00:30")]);
    expect(listed?.warnings).toEqual(updated.warnings);
    expect(mended.warnings).toEqual([]);
  });

  test("that an older release took ticks as before, and may be changed in all else", async () => {
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, next_run_at)
       VALUES ('older', 't', '*/90 * * * *', date_trunc('hour', now())) RETURNING id`,
    );
    const id = rows[0]?.id ?? "";

    await tickOnce();
    const updated = await schedules.update(id, { priority: 3 });

    expect(await jobsOf(pool, id)).toHaveLength(1);
    expect(updated).toMatchObject({ cron: "*/90 * * * *", priority: 3, status: "no-handler" });
    expect(updated.warnings).toHaveLength(1);
    expect(updated.nextRunAt).toEqual(nextTick("0 * * * *", "UTC", updated.updatedAt));
  });
});
