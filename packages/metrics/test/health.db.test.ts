import { type Clock, createWorker, defineTask, systemClock, type Worker } from "@millrace/queue";
import { startProxy, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { createHealth } from "../src/index.ts";

const database = useTestDatabase();
const open: { stop(): void | Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

function held() {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const task = defineTask({ name: "held", payload: z.object({}), run: () => gate });
  return { task, release: () => release() };
}

function start(pool: pg.Pool, { task }: ReturnType<typeof held>): Worker {
  const worker = createWorker({ db: pool, tasks: [task], onEvent: () => undefined });
  open.push(worker);
  worker.start();
  return worker;
}

test("a worker is ready once it has claimed, and while it stops it is healthy and not ready", async () => {
  const pool = database.pool();
  const handler = held();
  const workers: Worker[] = [];
  const health = createHealth({ db: pool, workers: () => workers, maxLoopDelayMs: 300_000 });
  open.push(health);
  const failed = async () => (await health.ready()).checks.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(await failed()).toEqual(["worker"]);

  await pool.query("INSERT INTO millrace.jobs (type) VALUES ('held')");
  const worker = start(pool, handler);
  workers.push(worker);
  await waitFor(() => worker.health().running === 1, { description: "the handler to begin" });
  expect(await health.ready()).toMatchObject({
    ok: true,
    checks: [
      { name: "database" },
      { name: "schema" },
      { name: "worker" },
      { name: "claims" },
      { name: "renewal", detail: expect.stringContaining("ms left") },
    ],
  });

  const stopped = worker.stop();
  expect(await failed()).toEqual(["worker"]);
  expect(health.live()).toMatchObject({ ok: true, checks: [{ name: "process" }, { name: "event-loop" }] });
  handler.release();
  await stopped;
  expect(await failed()).toEqual(["worker"]);
});

test("a database that is silent, or away, is told, and takes one connection however often it is asked", async () => {
  const proxy = await startProxy(new URL(database.url));
  const pool = new pg.Pool({ connectionString: proxy.url });
  pool.on("error", () => undefined);
  const health = createHealth({ db: pool, workers: () => [] });
  open.push(health);
  const databaseCheck = async () => (await health.ready()).checks.find(({ name }) => name === "database");
  expect(await databaseCheck()).toMatchObject({ ok: true });

  await waitFor(
    async () => {
      proxy.stall("to_regclass");
      return (await databaseCheck())?.detail.includes("no answer");
    },
    { description: "the silence to be told" },
  );
  await databaseCheck();
  expect(pool.totalCount).toBe(1);

  await proxy[Symbol.asyncDispose]();
  await waitFor(async () => (await databaseCheck())?.detail.includes("ECONNREFUSED"), {
    description: "the database to be away",
  });
  await pool.end();
});

test("a connection that has gone silent is given up, and the next one answers", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const pool = new pg.Pool({ connectionString: proxy.url });
  // While the connection is silent, limits of seconds take milliseconds.
  let speed = 1;
  const clock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / speed, callback) };
  const health = createHealth({ db: pool, workers: () => [], clock });
  open.push(health);
  const databaseIsUp = async () =>
    (await health.ready()).checks.some(({ name, ok }) => name === "database" && ok);
  expect(await databaseIsUp()).toBe(true);

  proxy.stall("to_regclass");
  speed = 50;

  await waitFor(async () => !(await databaseIsUp()), { description: "the silence to be told" });
  speed = 1;
  await waitFor(databaseIsUp, { description: "an answer over a new connection" });
  await pool.end();
});
