import { waitFor } from "@millrace/testpg";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import type { WorkerEvent, WorkerOptions, WorkerPruneOptions } from "../../src/index.ts";
import { checkPruneOption, type PruneSettings } from "../../src/worker/prune-options.ts";
import { startPruning } from "../../src/worker/pruning.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";
import { anyTask, useWorkers } from "../use-workers.ts";
import { FIRST_MS, pruningClock } from "./pruning-clock.ts";

const workers = useWorkers();

beforeEach(async () => {
  await workers.pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_queues, millrace.queue_minutes, millrace.audit_log`,
  );
});

const DAY_MS = 86_400_000;

/** A job that ended so many days ago. */
async function ended(state: "completed" | "failed" | "canceled", daysAgo: number, settings?: object) {
  const id = await insertJob(workers.pool, { state });
  await workers.pool.query(
    "UPDATE millrace.ended_jobs SET ended_at = now() - $2 * interval '1 day', settings = $3 WHERE id = $1",
    [id, daysAgo, settings === undefined ? null : JSON.stringify(settings)],
  );
  return id;
}

const idsLeft = async () => (await workers.queue.list({ limit: 100 })).map((job) => job.id).sort();

/** Starts a worker. Resolves when it has asked for its first turn, and has pruned if it got the turn. */
async function pruneBy(options: Partial<WorkerOptions> & { prune?: WorkerPruneOptions } = {}) {
  const { clock, pass, timer } = pruningClock();
  const { events } = workers.start([anyTask("t", () => undefined)], { clock, ...options });
  const everyMs = options.prune?.everyMs ?? 3_600_000;
  await pass(FIRST_MS);
  await timer(everyMs);
  return {
    events,
    /** Asks for a turn again, as after an interval. */
    async again() {
      await pass(everyMs);
      await timer(everyMs);
    },
  };
}

const pruned = (events: readonly WorkerEvent[]) => events.filter((event) => event.kind === "pruned");

describe("a worker", () => {
  test("deletes completed jobs after 7 days and others after 30, if it is told nothing else", async () => {
    await ended("completed", 8);
    await ended("failed", 31);
    await ended("canceled", 31);
    const young = await Promise.all([ended("completed", 6), ended("failed", 29), ended("canceled", 29)]);

    const { events } = await pruneBy();

    expect(await idsLeft()).toEqual(young.sort());
    expect(pruned(events)).toEqual([{ kind: "pruned", deleted: 3 }]);
  });

  test("keeps to the ages that it is given, and null keeps a state for ever", async () => {
    await ended("completed", 2);
    const left = await Promise.all([ended("failed", 4_000), ended("canceled", 4)]);

    await pruneBy({ prune: { completedMs: DAY_MS, failedMs: null, canceledMs: 5 * DAY_MS } });

    expect(await idsLeft()).toEqual(left.sort());
  });

  test("honours what jobs and queues say themselves", async () => {
    await ended("completed", 1, { retentionMs: 1_000 });
    await workers.pool.query(
      `INSERT INTO millrace.job_queues (name, settings) VALUES ('default', '{"retentionMs": 1e10}')`,
    );
    const long = await ended("completed", 50);

    await pruneBy();

    expect(await idsLeft()).toEqual([long]);
  });

  describe("that has its turn", () => {
    beforeEach(async () => {
      await workers.pool.query(
        `INSERT INTO millrace.queue_minutes (minute, queue)
         SELECT date_trunc('minute', now()) - days * interval '1 day' - n * interval '1 minute', 'q' || days
         FROM unnest(ARRAY[7, 9]) AS days, generate_series(1, 1100) AS n`,
      );
      // The ids of audit rows grow with time.
      await workers.pool.query(
        `INSERT INTO millrace.audit_log (id, command_id, at, who, via, action, changed)
         SELECT lpad(to_hex(1000000 - days * 10000 + n), 32, '0')::uuid, gen_random_uuid(),
                now() - days * interval '1 day', 'ada', 'test', 'pause', 1
         FROM unnest(ARRAY[89, 91]) AS days, generate_series(1, 1100) AS n`,
      );
    });

    /** How many rows are left, by their age in days. */
    async function rowsLeft() {
      const { rows } = await workers.pool.query(
        `SELECT queue AS what, count(*)::int AS n FROM millrace.queue_minutes GROUP BY queue
         UNION ALL
         SELECT 'a' || extract(day FROM now() - at), count(*)::int FROM millrace.audit_log GROUP BY 1`,
      );
      return Object.fromEntries(rows.map(({ what, n }) => [what, n]));
    }

    test("deletes minutes of the history after 8 days, and audit rows after 90, in bounded batches", async () => {
      await pruneBy();

      expect(await rowsLeft()).toEqual({ q7: 1_100, a89: 1_100 });
    });

    test.each([
      [null, { a89: 1_100, a91: 1_100 }],
      [88 * DAY_MS, {}],
    ])("keeps audit rows for as long as it is told: %j", async (auditRetentionMs, left) => {
      await pruneBy({ prune: { auditRetentionMs } });

      expect(await rowsLeft()).toEqual({ q7: 1_100, ...left });
    });
  });

  test("waits for its turn, unless it is told not to prune", () => {
    const [asked, refused] = [pruningClock(), pruningClock()];
    workers.start([anyTask("t", () => undefined)], { clock: asked.clock });
    workers.start([anyTask("t", () => undefined)], { clock: refused.clock, prune: false });

    expect([asked.timers(), refused.timers()]).toEqual([[FIRST_MS], []]);
  });

  test("leaves the ages to a schedule that prunes, unless it is given ages", async () => {
    await workers.pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, cron_expr, enabled)
       VALUES ('millrace.jobs-prune', 'jobs.prune', '0 3 * * *', false)`,
    );
    try {
      const old = await ended("completed", 8);
      await ended("completed", 1, { retentionMs: 1_000 });
      await pruneBy();
      expect(await idsLeft()).toEqual([old]);

      await workers.pool.query("UPDATE millrace.job_keys SET until = now() WHERE key = 'millrace:prune'");
      await pruneBy({ prune: {} });
      expect(await idsLeft()).toEqual([]);
    } finally {
      await workers.pool.query("DELETE FROM millrace.job_schedules");
    }
  });
});

describe("among the workers of a database", () => {
  test("one prunes in each interval", async () => {
    await ended("completed", 8);
    const first = await pruneBy();
    expect(pruned(first.events)).toHaveLength(1);
    const late = await ended("completed", 8);

    const second = await pruneBy();
    await second.again();
    expect(await idsLeft()).toEqual([late]);

    await workers.pool.query("UPDATE millrace.job_keys SET until = now() WHERE key = 'millrace:prune'");
    await first.again();
    expect(await idsLeft()).toEqual([]);
    expect(pruned(second.events)).toEqual([]);
  });

  test("the turn of the next one begins nine tenths of the interval later", async () => {
    await pruneBy({ prune: { everyMs: 600_000 } });

    const { rows } = await workers.pool.query(
      `SELECT until BETWEEN now() + interval '500 s' AND now() + interval '540 s' AS fits FROM millrace.job_keys`,
    );
    expect(rows).toEqual([{ fits: true }]);
  });
});

test("a walk ends when its worker stops, and leaves the turn to another", async () => {
  for (let n = 0; n < 3; n += 1) await ended("completed", 8);
  const { clock, pass } = pruningClock();
  await using blocker = await openTransaction(workers.pool);
  await blocker.client.query("LOCK millrace.ended_jobs");
  const deleted: number[] = [];
  const pruning = startPruning({
    db: workers.pool,
    clock,
    prune: checkPruneOption({}) as PruneSettings,
    onPruned: (count) => void deleted.push(count),
    onError: (error) => {
      throw error;
    },
  });
  await pass(FIRST_MS);
  const turn = () => workers.pool.query("SELECT until > now() AS taken FROM millrace.job_keys");
  await waitFor(async () => (await turn()).rows.length === 1, { description: "the turn to be taken" });

  const stopped = pruning.stop();
  await blocker.end("COMMIT");
  await stopped;

  expect((await turn()).rows).toEqual([{ taken: false }]);
  expect(deleted).toEqual([]);
  expect(await idsLeft()).toHaveLength(3);
});
