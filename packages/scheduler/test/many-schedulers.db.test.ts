import { setTimeout as pause } from "node:timers/promises";
import { createQueue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createScheduler } from "../src/index.ts";
import { type SchedulerProcess, startScheduler } from "./start-scheduler.ts";

const PROCESSES = 4;
const SCHEDULES = 200;
const KILLS_MIN = 5;

/** For how long schedulers are killed and restarted at least, in s: 10, or the minute of the nightly run. */
const SECONDS = Number(process.env["MILLRACE_TEST_SCHEDULERS_SECONDS"] ?? 10);

/** Of the random kills: given, a run is repeated as far as the machine allows. */
const SEED = Number(process.env["MILLRACE_TEST_SEED"] ?? Date.now() % 1_000_000);

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

test(`${PROCESSES} schedulers, killed and restarted, fire each tick of ${SCHEDULES} schedules exactly once`, {
  timeout: (SECONDS + 290) * 1_000,
}, async ({ annotate }) => {
  await pool.query(
    `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, every_ms, anchor, misfire, next_run_at)
     SELECT 's' || n, 't', CASE n % 2 WHEN 0 THEN '* * * * * *' END, CASE n % 2 WHEN 1 THEN 1000 END,
            CASE n % 2 WHEN 1 THEN '2020-01-01T00:00:00Z'::timestamptz END, 'all',
            date_trunc('second', now()) + interval '2 s'
     FROM generate_series(1, $1) AS n`,
    [SCHEDULES],
  );
  const { rows: starts } = await pool.query<{ first: Date }>(
    "SELECT min(next_run_at) AS first FROM millrace.job_schedules",
  );

  const kills = await killAtRandom();
  // What the killed left due is made up for, as by any scheduler that starts later. No tick comes after that.
  await pool.query("UPDATE millrace.job_schedules SET ends_at = clock_timestamp()");
  await waitFor(
    async () => {
      await createScheduler({ pool, queue: createQueue(pool) }).tickOnce();
      const { rowCount } = await pool.query(
        "SELECT FROM millrace.job_schedules WHERE next_run_at <> 'infinity'",
      );
      return rowCount === 0;
    },
    { description: "every schedule to have ended", timeoutMs: 60_000 },
  );

  const account = await accountSince(starts[0]?.first ?? new Date(Number.NaN));
  await annotate(`${PROCESSES} processes, ${kills} kills, ${JSON.stringify(account)}, seed ${SEED}`);
  // The seed of a run that fails is in the difference.
  expect({ seed: SEED, ...account }).toEqual({
    seed: SEED,
    ticks: account.expected,
    expected: account.expected,
    duplicates: 0,
    missing: 0,
    recorded: { enqueued: account.expected },
  });
  expect(account.expected).toBeGreaterThanOrEqual(kills);
});

/**
 * Runs the processes for `SECONDS` and `KILLS_MIN` kills at least: kills one of them at random instants, each time
 * after some tick was fired, and starts another. Returns the kills.
 */
async function killAtRandom(): Promise<number> {
  const random = randomFrom(SEED);
  const running: SchedulerProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(running.map((scheduler) => scheduler.kill()));
  });
  for (let n = 0; n < PROCESSES; n += 1) running.push(startScheduler(database.url));
  const until = performance.now() + SECONDS * 1_000;
  let kills = 0;
  while (performance.now() < until || kills < KILLS_MIN) {
    const before = await jobCount();
    await waitFor(async () => (await jobCount()) > before, {
      description: "a tick to be fired",
      timeoutMs: 60_000,
    });
    // Real time, because it is a real process that is to be hit in the middle of whatever it does.
    await pause(random() * 1_000);
    const victim = Math.floor(random() * PROCESSES);
    await running[victim]?.kill();
    running[victim] = startScheduler(database.url);
    kills += 1;
  }
  await Promise.all(running.splice(0).map((scheduler) => scheduler.kill()));
  return kills;
}

async function jobCount(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int FROM millrace.jobs");
  return rows[0]?.count ?? Number.NaN;
}

/** Compares the jobs with the ticks that there should be, from the first one to the last that was accounted for. */
async function accountSince(first: Date) {
  const { rows } = await pool.query(
    `WITH expected AS (
       SELECT s.id, tick
       FROM millrace.job_schedules AS s, generate_series($1::timestamptz, s.last_run_at, '1 s') AS tick
     ), made AS (
       SELECT j.schedule_id, right(j.idempotency_key, 24)::timestamptz AS tick FROM millrace.jobs AS j
     )
     SELECT (SELECT count(*)::int FROM made) AS ticks,
            (SELECT count(*)::int FROM expected) AS expected,
            (SELECT count(*)::int FROM made)
              - (SELECT count(*)::int FROM (SELECT DISTINCT * FROM made) AS d) AS duplicates,
            (SELECT count(*)::int FROM expected AS e
             WHERE NOT EXISTS (SELECT FROM made AS m WHERE m.schedule_id = e.id AND m.tick = e.tick)) AS missing,
            (SELECT jsonb_object_agg(outcome, n)
             FROM (SELECT outcome, count(*)::int AS n FROM millrace.job_schedule_ticks
                   GROUP BY outcome) AS o) AS recorded`,
    [first.toISOString()],
  );
  return rows[0] as Record<"ticks" | "expected" | "duplicates" | "missing", number> & { recorded: object };
}

/** Mulberry32: the same numbers in [0, 1) for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
