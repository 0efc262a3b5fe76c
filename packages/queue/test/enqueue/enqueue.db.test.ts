import { jobs } from "@millrace/schema";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  createQueue,
  defineTask,
  InvalidJobError,
  InvalidPayloadError,
  type Queue,
} from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

async function countOf(type: string): Promise<number> {
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM millrace.jobs WHERE type = $1", [type]);
  return rows[0].n;
}

describe("enqueue", () => {
  test("stores every option and reads it back", async () => {
    const runAt = new Date("2031-05-06T07:08:09.123Z");
    const { id } = await queue.enqueue(
      "report",
      { to: "a@b.c", list: [1, "two", null], text: `it's "quoted" \\ {braces}` },
      { queue: "mail", priority: -5, runAt, maxAttempts: 7, idempotencyKey: "k-1" },
    );

    expect(await queue.get(id)).toMatchObject({
      id,
      type: "report",
      queue: "mail",
      payload: { to: "a@b.c", list: [1, "two", null], text: `it's "quoted" \\ {braces}` },
      state: "queued",
      priority: -5,
      runAt,
      maxAttempts: 7,
      idempotencyKey: "k-1",
      attempts: 0,
      leaseToken: 0,
      leaseUntil: null,
    });
  });

  test("a delay counts from the database's now", async () => {
    const { id } = await queue.enqueue("delayed", {}, { delayMs: 90_000 });

    const { rows } = await pool.query(
      "SELECT extract(epoch FROM run_at - created_at)::int AS s FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ s: 90 }]);
  });

  test("a taken idempotency key is told with the first job's id, and nothing is written", async () => {
    const first = await queue.enqueue("pay", { n: 1 }, { idempotencyKey: "pay-1" });
    const second = await queue.enqueue("pay", { n: 2 }, { idempotencyKey: "pay-1" });

    expect(second).toEqual({ id: first.id, outcome: "duplicate" });
    expect((await queue.get(first.id)).payload).toEqual({ n: 1 });
    expect(await countOf("pay")).toBe(1);
  });

  test("one key from many callers at once makes one job that all are told of", async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () => queue.enqueue("race", {}, { idempotencyKey: "race-1" })),
    );

    expect(new Set(results.map((result) => result.id)).size).toBe(1);
    expect(results.filter((result) => result.outcome === "enqueued")).toHaveLength(1);
  });

  test("many jobs keep their order, and a key twice in one call makes one job", async () => {
    const results = await queue.enqueueMany([
      { type: "many", payload: 1 },
      { type: "many", payload: 2, idempotencyKey: "m" },
      { type: "many", payload: 3, idempotencyKey: "m" },
    ]);

    expect(results.map((result) => result.outcome)).toEqual(["enqueued", "enqueued", "duplicate"]);
    expect(results[2]?.id).toBe(results[1]?.id);
    expect((await queue.get(results[0]?.id ?? "")).payload).toBe(1);
  });

  test("one bad job among many is named, and none is written", async () => {
    const attempt = queue.enqueueMany([{ type: "half" }, { type: "half", maxAttempts: 0 }]);

    await expect(attempt).rejects.toMatchObject({ code: "INVALID_JOB", field: "jobs[1].maxAttempts" });
    expect(await countOf("half")).toBe(0);
  });

  test.each([
    ["type", { type: "" }],
    ["type", { type: "x".repeat(101) }],
    ["queue", { type: "bad", queue: "" }],
    ["priority", { type: "bad", priority: 40_000 }],
    ["priority", { type: "bad", priority: 1.5 }],
    ["runAt", { type: "bad", runAt: new Date("nonsense") }],
    ["delayMs", { type: "bad", delayMs: -1 }],
    ["delayMs", { type: "bad", delayMs: 1, runAt: new Date() }],
    ["maxAttempts", { type: "bad", maxAttempts: 0 }],
    ["idempotencyKey", { type: "bad", idempotencyKey: "k".repeat(256) }],
    ["idempotencyKey", { type: "bad", idempotencyKey: "half of a pair: \ud83d" }],
    ["scheduleId", { type: "bad", scheduleId: "7" }],
    ["payload", { type: "bad", payload: "a\u0000b" }],
    ["payload", { type: "bad", payload: { text: "half of a pair: \ud83d" } }],
  ])("a bad %s is refused before the database sees it", async (field, job) => {
    await expect(queue.enqueueMany([job])).rejects.toMatchObject({ field: `jobs[0].${field}` });
    await expect(queue.enqueueMany([job])).rejects.toBeInstanceOf(InvalidJobError);
    expect(await countOf("bad")).toBe(0);
  });

  test("a payload that only looks like U+0000 is kept as it is", async () => {
    const { id } = await queue.enqueue("backslash", { text: "\\u0000" });

    expect((await queue.get(id)).payload).toEqual({ text: "\\u0000" });
  });
});

describe("enqueue in the caller's transaction", () => {
  test("with a Drizzle transaction, the job commits and rolls back with the caller's data", async () => {
    const db = drizzle({ client: pool });
    const kept = await db.transaction((tx) => queue.enqueue("drizzle-kept", { a: [1] }, { tx, priority: 3 }));
    const undone = db.transaction(async (tx) => {
      await queue.enqueueMany([{ type: "drizzle-undone" }, { type: "drizzle-undone" }], { tx });
      const inside = await tx.select().from(jobs).where(eq(jobs.type, "drizzle-undone"));
      expect(inside).toHaveLength(2);
      throw new Error("the caller changes its mind");
    });

    await expect(undone).rejects.toThrow("changes its mind");
    expect(await countOf("drizzle-undone")).toBe(0);
    expect(await queue.get(kept.id)).toMatchObject({ payload: { a: [1] }, priority: 3 });
  });

  test("with a pg client, the job is seen by others only after COMMIT", async () => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const { id } = await queue.enqueue("pg-tx", {}, { tx: client });
      await expect(queue.get(id)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
      await client.query("COMMIT");

      expect((await queue.get(id)).type).toBe("pg-tx");
    } finally {
      client.release();
    }
  });

  test("a queue on a Drizzle database does all that one on a pool does", async () => {
    const onDrizzle = createQueue(drizzle({ client: pool }));
    const { id } = await onDrizzle.enqueue("whole-life", { n: 1 }, { queue: "drizzle" });
    const [claimed] = await onDrizzle.runs.claim({
      queues: ["drizzle"],
      workerId: "w",
      limit: 5,
      leaseSeconds: 30,
    });
    if (claimed === undefined) throw new Error("The job must be claimed");

    expect(claimed).toMatchObject({ id, attempt: 1, payload: { n: 1 } });
    expect(await onDrizzle.runs.complete([claimed])).toEqual([]);
    const job = await onDrizzle.get(id);
    expect(job.state).toBe("completed");
    expect(job.completedAt).toBeInstanceOf(Date);
    expect(job).toEqual(await queue.get(id));
  });
});

describe("enqueue by task", () => {
  const greet = defineTask({
    name: "greet",
    payload: z.object({ name: z.string(), times: z.coerce.number().default(1) }),
    queue: "greetings",
    maxAttempts: 9,
    priority: 2,
    run: () => undefined,
  });

  test("takes the task's settings, which the call may override, and stores the payload as given", async () => {
    const { id } = await queue.enqueue(greet, { name: "Ada", times: "3" }, { priority: 1 });

    expect(await queue.get(id)).toMatchObject({
      queue: "greetings",
      maxAttempts: 9,
      priority: 1,
      payload: { name: "Ada", times: "3" },
    });
  });

  test("a payload that does not fit is refused with the reason, and nothing is written", async () => {
    const before = await countOf("greet");
    // @ts-expect-error the type refuses it too
    const attempt = queue.enqueue(greet, { name: 7 });

    await expect(attempt).rejects.toBeInstanceOf(InvalidPayloadError);
    await expect(attempt).rejects.toThrow(/"greet".*name: /);
    expect(await countOf("greet")).toBe(before);
  });
});
