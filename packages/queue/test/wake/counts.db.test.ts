import { randomUUID } from "node:crypto";
import { heldClock, waitFor } from "@millrace/testpg";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { Cancel, type Executor, Fatal, Snooze, type TaskContext } from "../../src/index.ts";
import { countInMinute } from "../../src/wake/count-minutes.sql.ts";
import { RunCounts } from "../../src/wake/run-counts.ts";
import { upsertWorkerWithCounts } from "../../src/wake/upsert-worker.sql.ts";
import { minutesOf, NOTHING } from "../minutes-of.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

/** A worker writes its counts each 10 s; by this clock when the test says so, after the first time. */
const countingClock = () => heldClock((ms) => ms === 10_000);

const statusOf = async (id: string) => (await workers.queue.workers()).find((each) => each.id === id);

/** Lets the beat of a worker's presence pass, once the beat before has ended. */
async function passBeat(clock: ReturnType<typeof countingClock>): Promise<void> {
  await waitFor(() => clock.pass(10_000) > 0, { description: "a beat of the presence" });
}

/** The jobs that have snoozed. */
const snoozed = new Set<string>();

/** Ends a run as its payload says. */
async function endAs(payload: unknown, context: TaskContext, pool: pg.Pool): Promise<void> {
  const isFirst = context.job.attempt === 1;
  switch ((payload as { kind: string }).kind) {
    case "fatal":
      throw new Fatal("fatal");
    case "used up":
      throw new Error("used up");
    case "retried once":
      if (isFirst) throw new Error("once");
      return;
    case "canceled":
      throw new Cancel("canceled");
    case "in tx": {
      const client = await pool.connect();
      await client.query("BEGIN");
      await context.completeInTx(client);
      await client.query("COMMIT");
      client.release();
      return;
    }
    case "snoozed":
      if (snoozed.has(context.job.id)) return;
      snoozed.add(context.job.id);
      throw new Snooze(0);
  }
}

describe("what workers count", () => {
  test("is exact after a drain by two workers, whatever became of the runs", async () => {
    const [queue, type] = [randomUUID(), randomUUID()];
    const kinds = {
      plain: 200,
      fatal: 7,
      "used up": 3,
      "retried once": 11,
      canceled: 5,
      "in tx": 4,
      snoozed: 6,
    };
    const job = { type, queue, maxAttempts: 2, backoff: { baseMs: 0, jitterMs: 0 } };
    const jobs = Object.entries(kinds).flatMap(([kind, count]) =>
      Array.from({ length: count }, () => ({ ...job, payload: { kind } })),
    );
    await workers.queue.enqueueMany(jobs);
    const task = anyTask(type, (payload, context) => endAs(payload, context, workers.pool));
    const pair = [1, 2].map(() => workers.start([task], { queues: [queue], concurrency: 4 }));

    await waitFor(
      async () => {
        const { rows } = await workers.pool.query("SELECT FROM millrace.ended_jobs WHERE queue = $1", [
          queue,
        ]);
        return rows.length === jobs.length;
      },
      { description: "all jobs to end" },
    );
    await Promise.all(pair.map(({ worker }) => worker.stop()));

    expect(await minutesOf(workers.pool, queue)).toEqual({
      ...NOTHING,
      completed: 200 + 11 + 4 + 6,
      failed: 7 + 3,
      canceled: 5,
      retried: 11 + 3,
    });
  });

  test("a refused write counts as refused, and not as completed; the crash counts once", async () => {
    const [queue, type, workerId] = [randomUUID(), randomUUID(), randomUUID()];
    const held = heldHandler();
    const clock = countingClock();
    workers.start([anyTask(type, held.run)], { workerId, queues: [queue], concurrency: 2, clock });
    await workers.queue.enqueue(type, {}, { queue });
    await waitFor(() => held.begun.length === 1, { description: "the run begins" });
    await waitFor(async () => (await statusOf(workerId)) !== undefined, { description: "its row" });

    const endLease = async () => {
      await workers.pool.query(
        "UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE queue = $1 AND crashes = ARRAY[0]",
        [queue],
      );
      await Promise.all([1, 2, 3].map(() => workers.queue.runs.recover()));
      return held.begun.length === 2;
    };
    // Again and again: on a busy machine, the worker may renew the lease before the recovery looks.
    await waitFor(endLease, { description: "the second run begins" });
    held.release();
    const counted = { completed: 1, failed: 0, canceled: 0, retried: 0, refused: 1 };
    await waitFor(
      async () => {
        await passBeat(clock);
        return (await statusOf(workerId))?.counts.refused === 1;
      },
      { description: "both runs to be counted" },
    );

    expect(await statusOf(workerId)).toMatchObject({ counts: counted, crashed: 1 });
    expect(await minutesOf(workers.pool, queue)).toEqual({ ...NOTHING, ...counted, crashed: 1 });
  });

  test.each(["before it reaches the database", "after it was committed"])(
    "is kept over a write that fails %s, and counts once",
    async (when) => {
      const [queue, type, workerId] = [randomUUID(), randomUUID(), randomUUID()];
      let failing = false;
      const db: Executor = {
        async query(text, values) {
          const fails = failing && text.includes("queue_minutes") && text.includes("millrace.workers");
          if (fails && when.startsWith("before")) throw new Error("the write fails");
          const answer = await workers.pool.query(text, values);
          if (fails) throw new Error("the answer is lost");
          return answer;
        },
      };
      const clock = countingClock();
      const { worker, events } = workers.start([anyTask(type, () => undefined)], {
        ...{ db, workerId, queues: [queue], clock },
      });
      const ids: string[] = [];
      const run = async (count: number) => {
        for (let n = 0; n < count; n += 1) ids.push((await workers.queue.enqueue(type, {}, { queue })).id);
        await waitFor(() => events.filter(({ kind }) => kind === "job-completed").length === ids.length, {
          description: "the jobs to complete",
        });
      };
      const failures = () => events.filter((event) => event.kind === "error" && event.during === "presence");
      // Other loops have timers of this length, too, and a worker that falls asleep writes its row between two beats.
      const failedWrite = async () => {
        const before = failures().length;
        const hasFailed = async () => {
          await passBeat(clock);
          return failures().length > before;
        };
        await waitFor(hasFailed, { description: "a failed write" });
      };
      await run(3);
      failing = true;
      await failedWrite();
      await run(2);
      await failedWrite();
      failing = false;
      const isWritten = async () => {
        await passBeat(clock);
        return (await statusOf(workerId))?.counts.completed === 5;
      };
      await waitFor(isWritten, { description: "the counts to be written" });
      await run(1);
      failing = true;
      await failedWrite();
      failing = false;
      await run(1);

      await worker.stop();

      expect(await minutesOf(workers.pool, queue)).toEqual({ ...NOTHING, completed: 7 });
    },
  );

  test("two workers and a recovery count in the same queues at once, 100 times, without a deadlock", async () => {
    const queues = Array.from({ length: 20 }, () => randomUUID());
    const flush = async (workerId: string, order: readonly string[]) => {
      const counts = new RunCounts();
      const presence = {
        ...{ workerId, instance: randomUUID(), queues: ["q"], types: ["t"], asleep: false },
        ...{ release: "1.0.0", concurrency: 1, isPaused: false },
      };
      for (let round = 0; round < 100; round += 1) {
        for (const queue of order) counts.count(queue, "completed");
        await upsertWorkerWithCounts(workers.pool, presence, counts.next());
        counts.written();
      }
    };
    const crash = async () => {
      for (let round = 0; round < 100; round += 1) {
        const order = round % 2 === 0 ? queues : [...queues].reverse();
        await countInMinute(
          workers.pool,
          order.map((queue) => ({ queue, crashed: 1 })),
        );
      }
    };

    await Promise.all([flush(randomUUID(), queues), flush(randomUUID(), [...queues].reverse()), crash()]);

    for (const queue of queues) {
      expect(await minutesOf(workers.pool, queue)).toEqual({ ...NOTHING, completed: 200, crashed: 100 });
    }
  });
});

test("the first beat of a minute samples the depths, also of queues that the worker does not claim from", async () => {
  const other = randomUUID();
  await workers.queue.enqueue("t", {}, { queue: other });
  // Another worker may have sampled this minute.
  await workers.pool.query("TRUNCATE millrace.queue_minutes");
  const clock = countingClock();
  workers.start([anyTask("t", () => undefined)], { queues: [randomUUID()], clock });
  const sample = async () => {
    const { rows } = await workers.pool.query(
      "SELECT due, running FROM millrace.queue_minutes WHERE queue = $1 AND running IS NOT NULL",
      [other],
    );
    return rows[0];
  };

  expect(await waitFor(sample, { description: "a sample" })).toEqual({ due: 1, running: 0 });
});

/** How the release before this one wrote the row of a worker. */
const OLD_UPSERT = `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), other AS MATERIALIZED (
    SELECT FROM millrace.workers
    WHERE worker_id = $1 AND instance <> $5 AND seen_at > now() - interval '30 s'
  )
  INSERT INTO millrace.workers AS w (worker_id, queues, types, asleep, instance)
  SELECT $1, $2::varchar[], $3::varchar[], $4, $5::uuid FROM unsynced
  ON CONFLICT (worker_id) DO UPDATE
  SET queues = excluded.queues, types = excluded.types, seen_at = now(), instance = excluded.instance,
      asleep = excluded.asleep OR w.asleep AND EXISTS (SELECT FROM other)
  RETURNING EXISTS (SELECT FROM other) AS "isShared"`;

test("a worker of the release before writes its row as ever, and tells nothing new", async () => {
  const [workerId, instance] = [randomUUID(), randomUUID()];
  for (const asleep of [false, true]) {
    const { rows } = await workers.pool.query(OLD_UPSERT, [workerId, ["q"], ["t"], asleep, instance]);
    expect(rows).toEqual([{ isShared: false }]);
  }

  expect(await statusOf(workerId)).toMatchObject({
    ...{ queues: ["q"], types: ["t"], asleep: true, alive: true },
    ...{ release: null, concurrency: null, pausedAt: null, crashed: 0 },
    counts: { completed: 0, failed: 0, canceled: 0, retried: 0, refused: 0 },
  });
});
