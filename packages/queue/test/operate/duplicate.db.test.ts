import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, JsonText, type Queue } from "../../src/index.ts";
import { type Place, putInto, strayRows } from "./job-places.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const EXACT = '{"big": 12345678901234567890.123, "small": 0.10}';

describe("a copy of a job", () => {
  test("has what the job was enqueued with, but its time, its key and its tick", async () => {
    const options = {
      queue: `q-${randomUUID()}`,
      priority: 7,
      maxAttempts: 4,
      tags: ["red"],
      metadata: { by: "ada" },
      timeoutMs: 5_000,
      backoff: { baseMs: 100 },
      retentionMs: 60_000,
      deadLetter: null,
    };
    const { id } = await queue.enqueue("t", new JsonText(EXACT), {
      ...options,
      idempotencyKey: randomUUID(),
      delayMs: 60_000,
      startBy: new Date("2100-01-01"),
      tickAt: new Date("2030-01-01"),
    });

    const result = await queue.duplicate(id.toUpperCase());

    expect(result.outcome).toBe("enqueued");
    const [job, copy] = [await queue.get(id), await queue.get(result.id)];
    expect(copy).toEqual({
      ...job,
      id: result.id,
      runAt: copy.createdAt,
      createdAt: copy.createdAt,
      updatedAt: copy.updatedAt,
      idempotencyKey: null,
      startBy: null,
      tickAt: null,
    });
    expect(copy).toMatchObject({ tags: ["red"], metadata: { by: "ada" }, settings: { timeoutMs: 5_000 } });
    const [original, copied] = await queue.texts([id, result.id]);
    expect(copied).toEqual({ ...original, id: result.id });
    expect(copied?.payload).toBe(EXACT);
  });

  test.each<Place>([
    "due",
    "in backoff",
    "waiting for another job",
    "running alone",
    "running in a shared claim",
    "completed",
    "failed",
    "canceled",
  ])("of a job that is %s, is due and has not run", async (place) => {
    const id = await putInto(place, queue);

    const copy = await queue.get((await queue.duplicate(id)).id);

    expect(copy).toMatchObject({
      state: "queued",
      type: "t",
      payload: { n: 1 },
      attempts: 0,
      lastError: null,
    });
    expect(copy.queue).toBe((await queue.get(id)).queue);
    expect(copy.runAt?.getTime()).toBeLessThanOrEqual(copy.createdAt.getTime());
  });

  test("of a job with a large payload has a large payload of its own", async () => {
    const payload = { text: "x".repeat(50_000) };
    const { id } = await queue.enqueue("t", payload, { queue: randomUUID() });
    const copy = await queue.duplicate(id);
    await queue.deleteMany({ ids: [id] });

    expect((await queue.get(copy.id)).payload).toEqual(payload);
    expect(await strayRows(pool)).toEqual([]);
  });

  test("commits with the caller's transaction", async () => {
    const { id } = await queue.enqueue("t", {}, { queue: randomUUID() });
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const copy = await queue.duplicate(id, { tx: client });
      await client.query("ROLLBACK");
      await expect(queue.get(copy.id)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    } finally {
      client.release();
    }
  });

  test("of a job that is not there is refused", async () => {
    await expect(queue.duplicate(randomUUID())).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });

  test("is recorded", async () => {
    const audited = createQueue(pool, { audit: { who: "ada", via: "test" } });
    const { id } = await queue.enqueue("t", {}, { queue: randomUUID() });

    const copy = await audited.duplicate(id);

    const [entry] = await queue.audit({ limit: 1 });
    expect(entry).toMatchObject({
      action: "duplicate",
      filter: { id },
      changed: 1,
      before: [{ id: copy.id }],
    });
  });
});
