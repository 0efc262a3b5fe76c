import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, defineTask, type Executor, jobOf, type NewJob, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

async function jobCount(): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.jobs");
  return rows[0].n;
}

describe("enqueueMany of more than one statement", () => {
  test("100,000 jobs in one call keep their order, and come in one transaction", async () => {
    const results = await queue.enqueueMany(
      Array.from({ length: 100_000 }, (_, n) => ({ type: "bulk", payload: n })),
    );

    expect(results).toHaveLength(100_000);
    const { rows } = await pool.query(
      "SELECT count(DISTINCT xmin::text)::int AS transactions, count(*)::int AS jobs FROM millrace.waiting_jobs",
    );
    expect(rows).toEqual([{ transactions: 1, jobs: 100_000 }]);
    expect((await queue.get(results[99_999]?.id ?? "")).payload).toBe(99_999);
  });

  test("an iterable is read chunk by chunk, and never held as a whole", async () => {
    let readAhead = 0;
    let read = 0;
    async function* jobs(): AsyncGenerator<NewJob> {
      for (; read < 25_000; read += 1) yield { type: "streamed", payload: read };
    }
    const client = await pool.connect();
    const watching: Executor = {
      async query(text, values) {
        if (text.includes("INSERT")) {
          const { rows } = await client.query("SELECT count(*)::int AS n FROM millrace.jobs");
          readAhead = Math.max(readAhead, read - (rows[0]?.n ?? 0));
        }
        return client.query(text, values);
      },
    };
    try {
      await client.query("BEGIN");
      const results = await queue.enqueueMany(jobs(), { tx: watching });
      await client.query("COMMIT");

      expect(results).toHaveLength(25_000);
      expect(readAhead).toBeGreaterThan(0);
      expect(readAhead).toBeLessThanOrEqual(10_000);
      expect(await jobCount()).toBe(25_000);
    } finally {
      client.release();
    }
  });

  test("bad jobs are named by index and field, up to ten, and nothing is written", async () => {
    const jobs = Array.from({ length: 30_000 }, (): NewJob => ({ type: "t" }));
    jobs[15_000] = { type: "" };
    jobs[15_001] = { type: "t", maxAttempts: 0 };
    for (let n = 29_000; n < 29_020; n += 1) jobs[n] = { type: "t", priority: 1.5 };

    const attempt = queue.enqueueMany(jobs);

    const fields = ["jobs[15000].type", "jobs[15001].maxAttempts"];
    for (let n = 29_000; n < 29_008; n += 1) fields.push(`jobs[${n}].priority`);
    await expect(attempt).rejects.toMatchObject({
      code: "INVALID_JOB",
      field: "jobs[15000].type",
      problems: fields.map((field) => ({ field, index: Number(/\d+/.exec(field)?.[0]) })),
      message: expect.stringMatching(
        /jobs\[15000\]\.type.*jobs\[15001\]\.maxAttempts.*may be more.*Nothing was written/,
      ),
    });
    expect(await jobCount()).toBe(0);
  });

  test("a source that fails half-way writes nothing, and leaves the caller's transaction usable", async () => {
    function* jobs(): Generator<NewJob> {
      for (let n = 0; n < 12_000; n += 1) yield { type: "t" };
      throw new Error("the file is cut off");
    }
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await expect(queue.enqueueMany(jobs(), { tx: client })).rejects.toThrow("cut off");
      await queue.enqueue("kept", {}, { tx: client });
      await client.query("COMMIT");
    } finally {
      client.release();
    }
    await expect(queue.enqueueMany(jobs())).rejects.toThrow("cut off");

    expect((await queue.list()).map((job) => job.type)).toEqual(["kept"]);
  });

  test("a Drizzle database and its transactions take iterables too", async () => {
    const db = drizzle({ client: pool });
    const two = () => [{ type: "t" }, { type: "t" }].values();

    await createQueue(db).enqueueMany(two());
    await db.transaction((tx) => queue.enqueueMany(two(), { tx }));

    expect(await jobCount()).toBe(4);
  });

  test("where no transaction can be begun, an array still works and an iterable is refused", async () => {
    const plain = createQueue({ query: (text, values) => pool.query(text, values) });

    await plain.enqueueMany(Array.from({ length: 10_001 }, () => ({ type: "t" })));

    await expect(plain.enqueueMany(new Set([{ type: "t" }]))).rejects.toMatchObject({ option: "tx" });
    expect(await jobCount()).toBe(10_001);
  });
});

describe("enqueueMany of jobs of tasks", () => {
  const receipt = defineTask({
    name: "receipt",
    payload: z.object({ orderId: z.string() }),
    queue: "mail",
    priority: 3,
    maxAttempts: 7,
    run: () => undefined,
  });
  // A validator that answers later, as one that looks something up does.
  const audit = defineTask({
    name: "audit",
    payload: z.object({ n: z.number() }).refine(async ({ n }) => n >= 0, "n is negative"),
    run: () => undefined,
  });

  test("gives each its task's defaults, keeps the order, and takes jobs by type name beside them", async () => {
    const results = await queue.enqueueMany([
      jobOf(receipt, { orderId: "1" }),
      jobOf(audit, { n: 2 }),
      { type: "plain", payload: 3 },
      jobOf(receipt, { orderId: "4" }, { queue: "urgent", delayMs: 60_000 }),
    ]);

    const jobs = await Promise.all(results.map(({ id }) => queue.get(id)));
    expect(
      jobs.map(({ type, payload, queue: name, priority, maxAttempts }) => [
        type,
        payload,
        name,
        priority,
        maxAttempts,
      ]),
    ).toEqual([
      ["receipt", { orderId: "1" }, "mail", 3, 7],
      ["audit", { n: 2 }, "default", 0, 10],
      ["plain", 3, "default", 0, 10],
      ["receipt", { orderId: "4" }, "urgent", 3, 7],
    ]);
  });

  test("takes them from iterables of either kind", async () => {
    function* some() {
      for (let n = 0; n < 3; n += 1) yield n === 1 ? jobOf(audit, { n }) : jobOf(receipt, { orderId: "x" });
    }
    async function* later() {
      yield* some();
    }

    await queue.enqueueMany(some());
    await queue.enqueueMany(later());

    expect((await queue.list()).map((job) => job.type).sort()).toEqual([
      "audit",
      "audit",
      "receipt",
      "receipt",
      "receipt",
      "receipt",
    ]);
  });

  test("names payloads that do not fit by index and field, and writes nothing", async () => {
    const attempt = queue.enqueueMany([
      { type: "plain" },
      jobOf(receipt, { orderId: 7 } as never),
      jobOf(audit, { n: -1 }),
      jobOf(receipt, { orderId: "1" }, { maxAttempts: 0 }),
    ]);

    await expect(attempt).rejects.toMatchObject({
      code: "INVALID_JOB",
      problems: [
        {
          index: 1,
          field: "jobs[1].payload",
          message: expect.stringContaining('does not fit the schema of the task "receipt": orderId: '),
        },
        { index: 2, field: "jobs[2].payload", message: expect.stringContaining("n is negative") },
        { index: 3, field: "jobs[3].maxAttempts" },
      ],
    });
    expect(await jobCount()).toBe(0);
  });
});
