import { randomUUID } from "node:crypto";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { type RunningTask, runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(async () => {
  pool = database.pool({ max: 20 });
  await pool.query(`
    CREATE TABLE public.presence (place serial, worker_id text, asleep bool, instance uuid);
    CREATE FUNCTION public.note_presence() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
      INSERT INTO public.presence (worker_id, asleep, instance) VALUES (NEW.worker_id, NEW.asleep, NEW.instance);
      RETURN NULL;
    END$$;
    CREATE TRIGGER note_presence AFTER INSERT OR UPDATE ON millrace.workers
      FOR EACH ROW EXECUTE FUNCTION public.note_presence()`);
});

/** A worker tells that it is there each 10 s; by this clock each 20 ms. */
const hurried: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === 10_000 ? 20 : ms, callback),
};

async function rowOf(workerId: string): Promise<{ asleep: boolean; instance: string } | undefined> {
  const { rows } = await pool.query("SELECT asleep, instance FROM millrace.workers WHERE worker_id = $1", [
    workerId,
  ]);
  return rows[0];
}

async function insertWorker(workerId: string, age: string): Promise<string> {
  const instance = randomUUID();
  await pool.query(
    `INSERT INTO millrace.workers (worker_id, queues, types, asleep, instance, seen_at)
     VALUES ($1, '{}', '{}', true, $2, now() - $3::interval)`,
    [workerId, instance, age],
  );
  return instance;
}

/** What was written of workers with this id, in order, and by which of them. */
async function writesOf(workerId: string): Promise<{ asleep: boolean; instance: string }[]> {
  const { rows } = await pool.query(
    "SELECT asleep, instance FROM public.presence WHERE worker_id = $1 ORDER BY place",
    [workerId],
  );
  return rows;
}

/** Waits until each of so many workers with this id has written so many times. */
async function untilWritten(workerId: string, { workers, times }: { workers: number; times: number }) {
  await waitFor(
    async () => {
      const counts = Map.groupBy(await writesOf(workerId), ({ instance }) => instance);
      return [...counts.values()].filter((writes) => writes.length >= times).length >= workers;
    },
    { description: `${times} writes by each of ${workers} workers` },
  );
}

const startIdle = (workerId: string, options: { listen: boolean }) =>
  runTask(pool, () => undefined, { workerId, clock: hurried, renewal: "loop", ...options });

const taken = ({ events }: RunningTask) =>
  events.filter((event) => event.kind === "error" && event.during === "presence");

test("rows of workers long gone are deleted, and a worker waits for none that is locked to write its own", async () => {
  await insertWorker("gone", "11 minutes");
  await insertWorker("locked", "11 minutes");
  await using transaction = await openTransaction(pool);
  await transaction.client.query("SELECT FROM millrace.workers WHERE worker_id = 'locked' FOR UPDATE");

  await using task = runTask(pool, () => undefined, { workerId: "writes", clock: hurried });

  await waitFor(async () => (await rowOf("writes")) !== undefined, { description: "its row" });
  await waitFor(async () => (await rowOf("gone")) === undefined, { description: "the other's deletion" });
  expect(await rowOf("locked")).toBeDefined();
  await transaction.end("COMMIT");
  await waitFor(async () => (await rowOf("locked")) === undefined, {
    description: "the last one's deletion",
  });
  expect(taken(task)).toEqual([]);
});

describe("a worker with the id of another one", () => {
  test("that was killed takes its row over, without a word", async () => {
    const killed = await insertWorker("restarted", "1 second");

    await using task = startIdle("restarted", { listen: true });
    await untilWritten("restarted", { workers: 1, times: 4 });

    expect((await rowOf("restarted"))?.instance).not.toBe(killed);
    expect(taken(task)).toEqual([]);
  });

  test("that is alive says so once, as the other does, and the stop of one leaves the other's row", async () => {
    const one = startIdle("twice", { listen: true });
    await using other = startIdle("twice", { listen: true });
    await waitFor(() => taken(one).length > 0 && taken(other).length > 0, { description: "both say it" });
    await pool.query("DELETE FROM public.presence");
    await untilWritten("twice", { workers: 2, times: 3 });

    await one.worker.stop();

    const error = { code: "WORKER_ID_TAKEN", workerId: "twice" };
    expect(taken(one)).toMatchObject([{ error }]);
    expect(taken(other)).toMatchObject([{ error }]);
    expect(await rowOf("twice")).toBeDefined();
  });

  test("that sleeps does not keep producers from waking it", async () => {
    await using _sleeper = startIdle("shared", { listen: true });
    await waitFor(async () => (await rowOf("shared"))?.asleep === true, { description: "it sleeps" });
    await pool.query("DELETE FROM public.presence");

    await using _polling = startIdle("shared", { listen: false });
    await untilWritten("shared", { workers: 2, times: 5 });

    expect(new Set((await writesOf("shared")).map(({ asleep }) => asleep))).toEqual(new Set([true]));
  });
});
