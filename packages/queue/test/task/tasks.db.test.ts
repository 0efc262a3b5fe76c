import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Queue, upcaster } from "../../src/index.ts";
import { ABANDON_AFTER_MS } from "../../src/run/run-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** Waits until a job is in a state, and gives it. */
async function inState(id: string, state: string) {
  await waitFor(async () => (await queue.get(id)).state === state, { description: `${id} to be ${state}` });
  return queue.get(id);
}

describe("a payload of an older shape", () => {
  const v1 = z.strictObject({ name: z.string() });
  const v2 = z.strictObject({ first: z.string(), last: z.string() });
  const greet = (seen: unknown[]) =>
    defineTask({
      name: "greet",
      queue: "shapes",
      payload: z.strictObject({ first: z.string(), last: z.string(), locale: z.string() }),
      upcasters: [
        upcaster(v2, (old) => ({ ...old, locale: "en" })),
        upcaster(v1, ({ name }) => ({ first: name.split(" ")[0], last: name.split(" ")[1] })),
      ],
      run: (payload) => void seen.push(payload),
    });

  test("reaches today's handler in today's shape, however it was enqueued", async () => {
    const seen: unknown[] = [];
    const worker = createWorker({ db: pool, queues: ["shapes"], pollMs: 100, tasks: [greet(seen)] });
    const today = { first: "Ada", last: "Lovelace", locale: "fr" };
    const { id: byTask } = await queue.enqueue(greet([]), today);
    const { id: byName } = await queue.enqueue(
      "greet",
      { first: "Ada", last: "Lovelace" },
      { queue: "shapes" },
    );
    const { rows } = await pool.query(
      `SELECT millrace.enqueue('greet', '{"name": "Ada Lovelace"}', queue => 'shapes') AS id`,
    );
    worker.start();
    try {
      for (const id of [byTask, byName, rows[0]?.id]) await inState(id, "completed");
    } finally {
      await worker.stop();
    }

    expect(seen).toHaveLength(3);
    expect(seen).toEqual(
      expect.arrayContaining([today, { ...today, locale: "en" }, { ...today, locale: "en" }]),
    );
  });

  test("that nobody knows fails its job at its first attempt, keeps its payload, and runs no handler", async () => {
    const seen: unknown[] = [];
    const worker = createWorker({ db: pool, queues: ["shapes"], pollMs: 100, tasks: [greet(seen)] });
    const { id } = await queue.enqueue("greet", { nick: "Ada" }, { queue: "shapes" });
    worker.start();
    try {
      const job = await inState(id, "failed");

      expect(job).toMatchObject({ attempts: 1, payload: { nick: "Ada" } });
      expect(job.lastError).toContain("INVALID_PAYLOAD");
      expect(seen).toEqual([]);
    } finally {
      await worker.stop();
    }
  });
});

describe("a payload with a Date", () => {
  const at = new Date("2030-01-01T12:00:00Z");

  test("is refused at its enqueue where its handler would want a Date, and no job is there", async () => {
    const task = defineTask({
      name: "dated",
      queue: "dates",
      payload: z.object({ at: z.date() }),
      run: () => undefined,
    });

    await expect(queue.enqueue(task, { at })).rejects.toMatchObject({
      code: "INVALID_PAYLOAD",
      message: expect.stringContaining("at: is a Date here and will be text when the job runs"),
    });

    expect(await queue.list({ type: "dated" })).toEqual([]);
  });

  test("reaches a handler whose schema reads text, and is stored as its JSON", async () => {
    const seen: unknown[] = [];
    const task = defineTask({
      name: "coerced",
      queue: "dates",
      payload: z.object({ at: z.coerce.date(), note: z.string().optional() }),
      run: (payload) => void seen.push(payload),
    });
    const worker = createWorker({ db: pool, queues: ["dates"], pollMs: 100, tasks: [task] });
    const { id } = await queue.enqueue(task, { at, note: undefined });
    worker.start();
    try {
      expect((await inState(id, "completed")).payload).toEqual({ at: at.toISOString() });
    } finally {
      await worker.stop();
    }

    expect(seen).toEqual([{ at }]);
  });
});

test("a handler that does not heed its time-out loses its slot, and its task's other jobs run", async () => {
  const { promise: late, resolve: letGo } = Promise.withResolvers<void>();
  const clock = heldClock((ms) => ms === ABANDON_AFTER_MS);
  const worker = createWorker({
    db: pool,
    queues: ["deaf"],
    pollMs: 100,
    concurrency: 1,
    clock,
    tasks: [
      defineTask({
        name: "deaf",
        payload: z.string(),
        queue: "deaf",
        maxAttempts: 1,
        timeoutMs: 200,
        run: (payload) => (payload === "deaf" ? late : payload),
      }),
    ],
  });
  const { id: deaf } = await queue.enqueue("deaf", "deaf", { queue: "deaf", maxAttempts: 1 });
  const { id: next } = await queue.enqueue("deaf", "next", { queue: "deaf" });
  worker.start();
  try {
    await waitFor(
      async () => {
        clock.pass(ABANDON_AFTER_MS);
        return (await queue.get(deaf)).state === "failed";
      },
      { description: "the handler to be given up" },
    );
    expect((await queue.get(deaf)).lastError).toContain("JOB_TIMEOUT");
    expect((await inState(next, "completed")).output).toBe("next");
  } finally {
    letGo();
    await worker.stop();
  }

  expect((await queue.get(deaf)).state).toBe("failed");
});
