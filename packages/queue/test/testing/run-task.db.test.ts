import { useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  Cancel,
  createQueue,
  createWorker,
  defineTask,
  Fatal,
  JsonText,
  RetryLater,
  Snooze,
  type TaskContext,
  type WorkerEvent,
} from "../../src/index.ts";
import { runTask } from "../../src/testing.ts";

const database = useTestDatabase();
let pool: pg.Pool;
beforeAll(async () => {
  pool = database.pool();
  await pool.query("CREATE TABLE effects (order_id int)");
});

const payload = z.object({ orderId: z.number() });

const ENDINGS: readonly [string, (context: TaskContext) => unknown][] = [
  ["returns", () => ({ sent: true })],
  ["throws", () => Promise.reject(new Error("no"))],
  ["throws Fatal", () => Promise.reject(new Fatal("no"))],
  ["throws RetryLater", () => Promise.reject(new RetryLater("busy", { delayMs: 70_000 }))],
  ["throws Snooze", () => Promise.reject(new Snooze(80_000))],
  ["throws Cancel", () => Promise.reject(new Cancel("no need"))],
  ["returns what no column can hold", () => "x".repeat(70_000)],
  [
    "completes its job in a transaction",
    (context) => drizzle({ client: pool }).transaction((tx) => context.completeInTx(tx, { inTx: true })),
  ],
  [
    "rolls its completion back",
    (context) =>
      drizzle({ client: pool })
        .transaction(async (tx) => {
          await context.completeInTx(tx);
          throw new Error("rolled back");
        })
        .catch(() => undefined),
  ],
  ["sets a progress that is too large", (context) => context.progress("x".repeat(20_000))],
];

test.each(ENDINGS)("a handler that %s ends as in a worker", async (ending, run) => {
  const task = defineTask({
    name: `ending ${ending}`,
    payload,
    backoff: { jitterMs: 0 },
    run: (_payload, context) => run(context),
  });
  const ends: WorkerEvent[] = [];
  await createQueue(pool).enqueue(task, { orderId: 7 });
  await createWorker({
    db: pool,
    tasks: [task],
    prune: false,
    onEvent: (event) => void ("durationMs" in event && ends.push(event)),
  }).runUntilEmpty();

  const { outcome, delayMs } = await runTask(task, { orderId: 7 }, { db: pool });

  expect(ends.map(({ kind }) => kind)).toEqual([`job-${outcome}`]);
  const [end] = ends;
  if (end?.kind === "job-retried") expect(delayMs).toBe(end.retryInMs);
  if (end?.kind === "job-snoozed") expect(delayMs).toBe(end.delayMs);
});

test("a payload that no longer fits ends as in a worker", async () => {
  const task = defineTask({ name: "misfit", payload, run: () => undefined });
  const queue = createQueue(pool);
  const { id } = await queue.enqueue("misfit", { orderId: "seven" });
  await createWorker({ db: pool, tasks: [task], prune: false }).runUntilEmpty();

  const run = await runTask(task, new JsonText('{"orderId": "seven"}'));

  expect(run.outcome).toBe("failed");
  expect((await queue.get(id)).state).toBe("failed");
});

test("with a database, what a handler enqueues is enqueued, in its transaction too", async () => {
  const audit = defineTask({ name: "audit", payload, run: () => undefined });
  const task = defineTask({
    name: "charge",
    payload,
    run: async ({ orderId }, context) => {
      await drizzle({ client: pool }).transaction(async (tx) => {
        await context.enqueue(audit, { orderId }, { tx, idempotencyKey: "audit" });
        await context.completeInTx(tx, { done: true });
      });
      return (await context.enqueue(audit, { orderId: 8 }, { idempotencyKey: "audit" })).outcome;
    },
  });

  const run = await runTask(task, { orderId: 7 }, { db: pool });

  expect(run).toMatchObject({ outcome: "completed", output: { done: true } });
  expect(run.enqueuedOf(audit).map(({ outcome, payload: { orderId } }) => [outcome, orderId])).toEqual([
    ["enqueued", 7],
    ["duplicate", 8],
  ]);
  expect(await createQueue(pool).list({ type: "audit" })).toMatchObject([{ payload: { orderId: 7 } }]);
});

test("a transaction that outlives its handler is told of", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const task = defineTask({
    name: "hasty",
    payload,
    run: async (_payload, context) => {
      await client.query("BEGIN");
      await context.completeInTx(client);
    },
  });

  const running = runTask(task, { orderId: 7 }, { db: pool });

  await expect(running).rejects.toMatchObject({ code: "COMPLETION_STILL_OPEN" });
  await client.end();
});
