import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;
let few: pg.Pool;

beforeAll(() => {
  // One connection for the transaction, and one for all else of this process.
  few = database.pool({ max: 2 });
  pool = database.pool();
  queue = createQueue(few);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

async function typesInTable(): Promise<string[]> {
  const { rows } = await pool.query<{ type: string }>("SELECT type FROM millrace.jobs ORDER BY type");
  return rows.map((row) => row.type);
}

describe("while a transaction has taken a key and not committed", () => {
  test.each([
    ["COMMIT", "duplicate"],
    ["ROLLBACK", "enqueued"],
  ] as const)(
    "enqueues of the same key wait for its %s, and all others of the process do not",
    async (end, outcome) => {
      await using transaction = await openTransaction(few);
      await queue.enqueue("first", {}, { tx: transaction.client, idempotencyKey: "open" });
      const waiting = Array.from({ length: 5 }, () =>
        queue.enqueue("second", {}, { idempotencyKey: "open" }),
      );
      let told = 0;
      for (const each of waiting) void each.then(() => (told += 1));

      // Were one of these to wait for the key, it would wait for ever: the transaction ends after them.
      await queue.enqueue("keyless");
      expect(await queue.enqueue("other", {}, { idempotencyKey: "other" })).toMatchObject({
        outcome: "enqueued",
      });
      await queue.enqueueMany([{ type: "bulk" }]);
      expect(told).toBe(0);
      await transaction.end(end);

      const results = await Promise.all(waiting);
      expect(results.filter((result) => result.outcome === "enqueued")).toHaveLength(
        outcome === "enqueued" ? 1 : 0,
      );
      expect(new Set(results.map((result) => result.id)).size).toBe(1);
      const holder = end === "COMMIT" ? "first" : "second";
      expect(await typesInTable()).toEqual(["bulk", "keyless", "other", holder].sort());
    },
  );

  test("a debounce and a replacement of its job wait too, and hold up nobody", async () => {
    const debounce = { key: "typing", delayMs: 60_000 };
    const { id } = await queue.enqueue("save", 1, { debounce });
    await using transaction = await openTransaction(few);
    await transaction.client.query("SELECT FROM millrace.waiting_jobs WHERE id = $1 FOR UPDATE", [id]);

    const waiting = queue.enqueue("save", 2, { debounce });
    await queue.enqueue("keyless");
    await queue.enqueue("save", 3, { debounce: { ...debounce, key: "elsewhere" } });
    await transaction.end("COMMIT");

    expect(await waiting).toEqual({ id, outcome: "replaced" });
    expect((await queue.get(id)).payload).toBe(2);
  });
});

test("an enqueue with a key on a transaction's own connection leaves its settings as they are", async () => {
  await using transaction = await openTransaction(few);
  await createQueue(transaction.client).enqueue("t", {}, { idempotencyKey: "mine" });

  const { rows } = await transaction.client.query("SHOW lock_timeout");
  expect(rows).toEqual([{ lock_timeout: "0" }]);
});

describe("when a later statement of an enqueue with a key fails", () => {
  const debounce = { key: "k", delayMs: 60_000 };
  /** Its replacement of the job that has the key names a schedule that is not there. */
  const failing = () => ({ debounce, scheduleId: crypto.randomUUID() });

  test("an enqueueMany writes none of its jobs", async () => {
    await queue.enqueue("held", {}, { debounce });

    const attempt = queue.enqueueMany([
      { type: "plain" },
      { type: "keyed", idempotencyKey: "x" },
      { type: "t", ...failing() },
    ]);

    await expect(attempt).rejects.toMatchObject({ code: "23503" });
    expect(await typesInTable()).toEqual(["held"]);
  });

  test("enqueues made at the same moment are told of their own jobs only", async () => {
    await queue.enqueue("held", {}, { debounce });

    const [plain, keyed, failed] = await Promise.allSettled([
      queue.enqueue("plain"),
      queue.enqueue("keyed", {}, { idempotencyKey: "x", onDuplicate: "error" }),
      queue.enqueue("t", {}, failing()),
    ]);

    expect(plain).toMatchObject({ status: "fulfilled", value: { outcome: "enqueued" } });
    expect(keyed).toMatchObject({ status: "fulfilled", value: { outcome: "enqueued" } });
    expect(failed).toMatchObject({ status: "rejected", reason: { code: "23503" } });
    expect(await typesInTable()).toEqual(["held", "keyed", "plain"]);
  });
});
