import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, defineTask, JsonText, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const EXACT = "[12345678901234567890.123, 1.0]";
const textOf = async (id: string) => (await queue.texts([id]))[0]?.payload;

describe("a payload as JSON text is stored without rounding", () => {
  test("by an enqueue, with line breaks, beside other jobs of the same statement", async () => {
    const pretty = new JsonText("[\n  12345678901234567890.123,\n  1.0\n]");
    const results = await Promise.all([
      queue.enqueue("t", pretty),
      queue.enqueue("t", new JsonText('"\\ud83d\\ude00"')),
      queue.enqueue("t", { n: 1 }),
    ]);

    expect(await Promise.all(results.map(({ id }) => textOf(id)))).toEqual([EXACT, '"😀"', '{"n": 1}']);
  });

  test("by an enqueue of many, with keys", async () => {
    const results = await queue.enqueueMany([
      { type: "t", payload: new JsonText(EXACT), idempotencyKey: randomUUID() },
      { type: "t", payload: new JsonText(`["${"x".repeat(5_000)}", 0.10]`) },
    ]);

    const [small, large] = await Promise.all(results.map(({ id }) => textOf(id)));
    expect(small).toBe(EXACT);
    expect(large).toMatch(/x", 0\.10\]$/);
  });

  test("by a change", async () => {
    const { id } = await queue.enqueue("t", {}, { delayMs: 60_000 });
    await queue.change(id, { payload: new JsonText(EXACT) });

    expect(await textOf(id)).toBe(EXACT);
  });

  test("and PostgreSQL stores the greatest and the smallest numbers that are accepted", async () => {
    for (const number of ["1e131071", "1e-16383", `0.${"1".repeat(16_383)}`, `-${"9".repeat(131_072)}`]) {
      const { id } = await queue.enqueue("t", new JsonText(number));
      const { rows } = await pool.query<{ is_equal: boolean }>(
        `SELECT payload::text::numeric = $2::numeric AS is_equal FROM millrace.jobs WHERE id = $1`,
        [id, number],
      );
      expect(rows).toEqual([{ is_equal: true }]);
    }
  });
});

describe("a payload as JSON text is refused", () => {
  test("when it is too large", async () => {
    const large = new JsonText(JSON.stringify("x".repeat(4_194_304)));

    await expect(queue.enqueue("t", large)).rejects.toMatchObject({ code: "INVALID_JOB", field: "payload" });
  });

  test("for a task, which checks values", async () => {
    const task = defineTask({ name: "t", payload: z.any(), run: async () => {} });

    await expect(queue.enqueue(task, new JsonText("1.0"))).rejects.toMatchObject({
      code: "INVALID_JOB",
      field: "payload",
    });
  });
});
