import { createQueue, createWorker, defineTask, Fatal, type Worker } from "@millrace/queue";
import { createScheduler, createSchedules } from "@millrace/scheduler";
import { heldClock, waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { Registry } from "prom-client";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createMetrics, type Metrics, type MetricsOptions } from "../src/index.ts";
import { sampleOf } from "./sample-of.ts";

const database = useTestDatabase();
let pool: pg.Pool;
const open: { stop(): void | Promise<void> }[] = [];

beforeAll(() => {
  pool = database.pool();
});

// The gauges are of the whole system, and show a hundred queues.
beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

function create(options: MetricsOptions = {}): Metrics {
  const metrics = createMetrics(options);
  open.push(metrics);
  return metrics;
}

/** Starts a worker that completes the payload 1, fails 2, and retries any other. */
function start(metrics: Metrics, queue: string): Worker {
  const task = defineTask({
    name: "t",
    payload: z.number(),
    // The retry stays away: a second run would be counted, too.
    backoff: { baseMs: 3_600_000 },
    run(payload) {
      if (payload === 2) throw new Fatal("no use");
      if (payload !== 1) throw new Error("later");
    },
  });
  const { observer } = metrics;
  const worker = createWorker({
    db: pool,
    tasks: [task],
    queues: [queue],
    onEvent: () => undefined,
    observer,
  });
  open.push(worker);
  worker.start();
  return worker;
}

test("a worker's runs, claims and writes are counted, and its slots shown", async () => {
  const metrics = create({ db: pool });
  const queue = createQueue(pool, { observer: metrics.observer });
  await queue.enqueueMany([1, 1, 2, 3].map((payload) => ({ type: "t", queue: "counted", payload })));
  const worker = start(metrics, "counted");
  const read = async (series: string) => sampleOf(await metrics.text(), series);

  await waitFor(async () => (await read('millrace_jobs_retried_total{queue="counted",type="t"}')) === 1, {
    description: "the retry to be counted",
  });
  await waitFor(
    async () =>
      (await read('millrace_jobs_finished_total{queue="counted",type="t",outcome="completed"}')) === 2 &&
      (await read('millrace_jobs_finished_total{queue="counted",type="t",outcome="failed"}')) === 1,
    { description: "the outcomes to be counted" },
  );

  const text = await metrics.text();
  expect(sampleOf(text, 'millrace_jobs_enqueued_total{queue="counted"}')).toBe(4);
  expect(sampleOf(text, "millrace_jobs_claimed_total")).toBe(4);
  expect(sampleOf(text, 'millrace_job_run_seconds_count{type="t"}')).toBe(4);
  expect(sampleOf(text, 'millrace_job_wait_seconds_count{queue="counted"}')).toBe(4);
  expect(sampleOf(text, "millrace_claim_seconds_count")).toBeGreaterThan(0);
  expect(sampleOf(text, "millrace_settle_seconds_count")).toBeGreaterThan(0);
  expect(sampleOf(text, "millrace_slots")).toBe(4);
  expect(sampleOf(text, "millrace_claim_round_age_seconds")).toBeGreaterThanOrEqual(0);
  expect(sampleOf(text, 'millrace_pool_connections{pool="main",state="busy"}')).toBeGreaterThanOrEqual(0);

  await worker.stop();
  const after = await metrics.text();
  expect(sampleOf(after, "millrace_slots")).toBe(0);
  expect(sampleOf(after, "millrace_claim_round_age_seconds")).toBeUndefined();
});

test("ticks of a scheduler are counted by outcome", async () => {
  const metrics = create();
  const { registry } = metrics;
  const queue = createQueue(pool, { observer: metrics.observer });
  await createSchedules(pool).create({ name: "hourly", jobType: "t", queue: "ticked", cron: "@hourly" });
  await pool.query("UPDATE millrace.job_schedules SET next_run_at = date_trunc('hour', now())");
  const scheduler = createScheduler({ pool, queue, onEvent: (event) => metrics.onSchedulerEvent(event) });

  await scheduler.tickOnce();

  const text = await registry.metrics();
  expect(sampleOf(text, 'millrace_schedule_ticks_total{outcome="enqueued"}')).toBe(1);
  expect(sampleOf(text, 'millrace_schedule_ticks_total{outcome="failed"}')).toBe(0);
  expect(sampleOf(text, 'millrace_jobs_enqueued_total{queue="ticked"}')).toBe(1);
});

describe("the gauges of the database", () => {
  test("tell of queues, sessions, tables and the schema, and are kept for ten seconds", async () => {
    let now = 0;
    const clock = { ...heldClock(() => false), now: () => now };
    const metrics = create({ db: pool, clock });
    const queue = createQueue(pool);
    await queue.pause("deep");
    await queue.enqueueMany([
      { type: "t", queue: "deep", runAt: new Date(Date.now() - 3_600_000) },
      { type: "t", queue: "deep" },
      { type: "t", queue: "deep", delayMs: 3_600_000 },
    ]);
    const session = await pool.connect();
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await session.query("SELECT pg_sleep(0.01)");

    const text = await metrics.text();
    await queue.enqueue("t", {}, { queue: "deep" });
    const kept = await metrics.text();
    now = 10_000;
    const fresh = await metrics.text();
    await session.query("ROLLBACK");
    session.release();

    expect(sampleOf(text, "millrace_database_up")).toBe(1);
    expect(sampleOf(text, 'millrace_queue_jobs_due{queue="deep"}')).toBe(2);
    expect(sampleOf(text, 'millrace_queue_jobs_running{queue="deep"}')).toBe(0);
    expect(sampleOf(text, 'millrace_queue_paused{queue="deep"}')).toBe(1);
    expect(sampleOf(text, 'millrace_queue_oldest_due_seconds{queue="deep"}')).toBeGreaterThan(3_000);
    expect(sampleOf(text, "millrace_schema_version")).toBe(sampleOf(text, "millrace_release_schema_version"));
    expect(sampleOf(text, "millrace_oldest_snapshot_seconds")).toBeGreaterThan(0);
    expect(sampleOf(text, 'millrace_table_dead_rows{table="waiting_jobs"}')).toBeGreaterThanOrEqual(0);
    expect(sampleOf(text, "millrace_workers_alive")).toBeGreaterThanOrEqual(0);
    expect(sampleOf(kept, 'millrace_queue_jobs_due{queue="deep"}')).toBe(2);
    expect(sampleOf(fresh, 'millrace_queue_jobs_due{queue="deep"}')).toBe(3);
  });

  test("have no value while the database is away, and the other metrics stay", async () => {
    const away = database.pool({ max: 1 });
    const metrics = create({ db: away });
    await away.end();

    const text = await metrics.text();

    expect(sampleOf(text, "millrace_database_up")).toBe(0);
    expect(sampleOf(text, "millrace_workers_alive")).toBeUndefined();
    expect(text).not.toMatch(/^millrace_(queue|table|schema|oldest)\w*[ {]/m);
    expect(sampleOf(text, "millrace_slots")).toBe(0);
  });
});

test("a queue for each customer costs no series for each customer", async () => {
  const metrics = create();
  const queue = createQueue(pool, { observer: metrics.observer });

  await queue.enqueueMany(Array.from({ length: 150 }, (_, at) => ({ type: "t", queue: `customer-${at}` })));

  const text = await metrics.text();
  expect(text.match(/^millrace_jobs_enqueued_total\{/gm)).toHaveLength(101);
  expect(sampleOf(text, 'millrace_jobs_enqueued_total{queue="other"}')).toBe(50);
});

test("metrics may join a program's own registry, with the metrics of Node", async () => {
  const registry = new Registry();
  create({ registry, nodeMetrics: true });

  expect(await registry.metrics()).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(() => create({ registry })).toThrow("already");
  // The cast is safe: the call is wrong on purpose.
  expect(() => create({ registry: {} as Registry })).toThrow("a Registry of prom-client");
  expect(() => create({ database: pool } as MetricsOptions)).toThrow("unknown");
});
