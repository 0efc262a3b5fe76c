import { createQueue, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createScheduler, createSchedules, type SchedulerEvent } from "../src/index.ts";
import { handClock } from "./hand-clock.ts";
import { startScheduler } from "./start-scheduler.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool({ max: 10 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}; DELETE FROM millrace.job_schedules`);
});

/** How long after an instant it is now, in ms by the database's clock. */
async function sinceMs(instant: Date): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    "SELECT (extract(epoch FROM clock_timestamp() - $1::timestamptz) * 1000)::float8 AS ms",
    [instant.toISOString()],
  );
  return rows[0]?.ms ?? Number.NaN;
}

describe("a tick", () => {
  test("is waited for to the millisecond, by the database's clock", async () => {
    const { nextRunAt } = await createSchedules(pool).create({
      name: "soon",
      jobType: "t",
      cron: "*/10 * * * * *",
    });
    if (nextRunAt === null) throw new Error("It has a tick to come");
    const hand = handClock();
    const scheduler = createScheduler({ pool, queue, clock: hand.clock });
    scheduler.start();
    onTestFinished(() => scheduler.stop());

    const leftBefore = -(await sinceMs(nextRunAt));
    await hand.turn();
    const leftAfter = -(await sinceMs(nextRunAt));

    const [, wait] = hand.waits;
    // A tick that came due while the scheduler looked was fired, and the next one is waited for.
    if (leftAfter <= 0) return;
    expect(wait).toBeGreaterThanOrEqual(Math.floor(leftAfter));
    expect(wait).toBeLessThanOrEqual(Math.ceil(leftBefore));
  });

  test("is committed after its instant, and how long after is measured, second after second", async ({
    annotate,
  }) => {
    await createSchedules(pool).create({ name: "seconds", jobType: "t", cron: "* * * * * *" });
    const lateMs: Promise<number>[] = [];
    const onEvent = (event: SchedulerEvent) => {
      // Asked after the commit, so that what is measured is never less than what it was.
      if (event.kind === "tick") lateMs.push(sinceMs(event.tickAt));
    };
    const scheduler = createScheduler({ pool, queue, listenOn: pool, onEvent });
    scheduler.start();
    onTestFinished(() => scheduler.stop());

    await waitFor(() => lateMs.length >= 4, { description: "four ticks" });

    const measured = await Promise.all(lateMs);
    await annotate(`at most ${Math.max(...measured).toFixed(1)} ms late`);
    expect(Math.min(...measured)).toBeGreaterThan(0);
  });
});

describe("many schedules due at one instant", () => {
  test("are enqueued in bounded batches, 10,000 of them, each once", async ({ annotate }) => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, timezone, next_run_at)
       SELECT 's' || n, 't',
              -- Half a year away: none is due a second time while the test runs.
              n % 60 || ' ' || n % 24 || ' 1 ' || extract(month FROM now() + interval '6 months') || ' *',
              (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[n % 4 + 1],
              date_trunc('second', now())
       FROM generate_series(1, 10000) AS n`,
    );
    const batches: number[] = [];
    const scheduler = createScheduler({
      pool,
      queue: {
        enqueueMany(jobs, options) {
          batches.push(jobs.length);
          return queue.enqueueMany(jobs, options);
        },
      },
      onEvent: () => undefined,
    });
    const beganAt = performance.now();

    await scheduler.tickOnce();

    const tookMs = performance.now() - beganAt;
    const { rows } = await pool.query(
      "SELECT count(*)::int AS jobs, count(DISTINCT schedule_id)::int AS schedules FROM millrace.jobs",
    );
    await annotate(`${Math.round(tookMs)} ms`);
    expect(rows).toEqual([{ jobs: 10_000, schedules: 10_000 }]);
    expect(Math.max(...batches)).toBeLessThanOrEqual(250);
  });

  test("take no memory of their own: 50 MB of payloads pass through a heap of 40 MB", async () => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, payload, next_run_at)
       SELECT 's' || n, 't', '0 0 1 1 *', jsonb_build_object('text', repeat('payload ', 1250)), now()
       FROM generate_series(1, 5000) AS n`,
    );

    const scheduler = startScheduler(database.url, ["--max-old-space-size=40"]);
    onTestFinished(() => scheduler.kill());

    await waitFor(
      async () => {
        const { rows } = await pool.query("SELECT count(*)::int AS jobs FROM millrace.jobs");
        expect({ exitCode: scheduler.child.exitCode, errors: scheduler.errors() }).toEqual({
          exitCode: null,
          errors: "",
        });
        return rows[0]?.jobs === 5_000;
      },
      // The small heap makes the process slow, and a busy machine makes it slower still.
      { description: "5,000 jobs", timeoutMs: 150_000, intervalMs: 200 },
    );
  });
});
