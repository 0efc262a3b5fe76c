import { Readable, Transform } from "node:stream";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(database.pool());
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  await pool.query("DELETE FROM millrace.job_schedules");
});

describe("calls side by side in one transaction", () => {
  test("an enqueueMany that is refused undoes nothing of the others", async () => {
    await queue.enqueue("taken", {}, { idempotencyKey: "taken" });
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;
    const refused = () =>
      queue.enqueueMany([{ type: "t", idempotencyKey: "taken", onDuplicate: "error" }], { tx });

    const results = await Promise.allSettled([
      refused(),
      queue.enqueueMany([{ type: "bulk", idempotencyKey: "bulk" }], { tx }),
      queue.enqueue("single", {}, { tx }),
      refused(),
    ]);
    await transaction.end("COMMIT");

    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "rejected"]);
    const types = (await queue.list()).map(({ type }) => type);
    expect(types.sort()).toEqual(["bulk", "single", "taken"]);
  });

  test("calls that the iterable of an enqueueMany makes side by side undo nothing of each other", async () => {
    await queue.enqueue("taken", {}, { idempotencyKey: "taken" });
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;
    const many = Array.from({ length: 10_001 }, () => ({ type: "many" }));
    async function* jobs() {
      const inner = await Promise.allSettled([
        queue.enqueueMany([{ type: "t", idempotencyKey: "taken", onDuplicate: "error" }], { tx }),
        queue.enqueueMany([{ type: "one" }], { tx }),
        queue.enqueueMany(many, { tx }),
      ]);
      expect(inner.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
      yield { type: "outer" };
    }

    await queue.enqueueMany(jobs(), { tx });
    await transaction.end("COMMIT");

    const { rows } = await pool.query(
      "SELECT type, count(*)::int AS n FROM millrace.jobs GROUP BY type ORDER BY type",
    );
    expect(rows).toEqual([
      { type: "many", n: 10_001 },
      { type: "one", n: 1 },
      { type: "outer", n: 1 },
      { type: "taken", n: 1 },
    ]);
  });

  test("an enqueueMany of a stream whose stages enqueue in the same transaction does not wait for itself", async () => {
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;
    const stage = new Transform({
      objectMode: true,
      transform(n: number, _encoding, done) {
        queue.enqueue("audit", { n }, { tx }).then(() => done(null, { type: "row", payload: n }), done);
      },
    });

    await queue.enqueueMany(Readable.from([1, 2, 3]).pipe(stage), { tx });
    await transaction.end("COMMIT");

    expect((await queue.list()).map(({ type }) => type).sort()).toEqual([
      ...["audit", "audit", "audit"],
      ...["row", "row", "row"],
    ]);
  });

  test("an enqueueMany whose iterable enqueues in the same transaction does not wait for itself", async () => {
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;
    async function* jobs() {
      await queue.enqueue("inner", {}, { tx });
      yield { type: "outer" };
    }

    await queue.enqueueMany(jobs(), { tx });
    await transaction.end("COMMIT");

    expect((await queue.list()).map(({ type }) => type).sort()).toEqual(["inner", "outer"]);
  });

  test("an enqueueMany that fails after one inside it was refused is undone as a whole", async () => {
    await queue.enqueue("taken", {}, { idempotencyKey: "taken" });
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;
    const inner = () =>
      queue.enqueueMany([{ type: "inner", idempotencyKey: "taken", onDuplicate: "error" }], { tx });
    async function* jobs() {
      // The first chunk is written before the inner enqueueMany begins.
      for (let n = 0; n < 10_001; n += 1) yield { type: "outer" };
      await expect(inner()).rejects.toMatchObject({ code: "DUPLICATE_JOB" });
      throw new Error("the file is cut off");
    }

    await expect(queue.enqueueMany(jobs(), { tx })).rejects.toThrow("cut off");
    await queue.enqueue("after", {}, { tx });
    await transaction.end("COMMIT");

    expect((await queue.list()).map(({ type }) => type).sort()).toEqual(["after", "taken"]);
  });

  test("an enqueueMany without keys that is refused leaves the transaction usable", async () => {
    await using transaction = await openTransaction(pool);
    const tx = transaction.client;

    await expect(
      queue.enqueueMany([{ type: "t", scheduleId: crypto.randomUUID() }], { tx }),
    ).rejects.toMatchObject({ code: "23503" });
    await queue.enqueue("after", {}, { tx });
    await transaction.end("COMMIT");

    expect((await queue.list()).map(({ type }) => type)).toEqual(["after"]);
  });
});
