import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, JsonText, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const EXACT = '{"n": 12345678901234567890.123}';
const claim = (name: string) =>
  queue.runs.claim({ queues: [name], workerId: "w", limit: 10, leaseSeconds: 3_600 });

describe("the texts of a job", () => {
  test("round no number, in whichever place the job is", async () => {
    const name = randomUUID();
    const { id } = await queue.enqueue("t", new JsonText(EXACT), { queue: name, metadata: { by: "ada" } });
    const expected = { id, payload: EXACT, output: null, progress: null, metadata: '{"by": "ada"}' };

    expect(await queue.texts([id])).toEqual([expected]);
    const [run] = await claim(name);
    expect(await queue.texts([id])).toEqual([expected]);
    await queue.runs.complete(run === undefined ? [] : [{ ...run, output: '{"sum":0.10}' }]);
    await pool.query("UPDATE millrace.ended_jobs SET progress = '0.50' WHERE id = $1", [id]);
    expect(await queue.texts([id])).toEqual([{ ...expected, output: '{"sum": 0.10}', progress: "0.50" }]);
  });

  test("are in the order of the ids, each job once; ids without a job are left out", async () => {
    const jobs = await queue.enqueueMany([1, 2, 3].map((n) => ({ type: "t", payload: n })));
    const [a = "", b = "", c = ""] = jobs.map((job) => job.id);

    const found = await queue.texts([c, a.toUpperCase(), randomUUID(), b, a]);

    expect(found.map(({ id, payload }) => [id, payload])).toEqual([
      [c, "3"],
      [a, "1"],
      [b, "2"],
    ]);
    expect(await queue.texts([])).toEqual([]);
  });

  test("are null where they are longer than the limit", async () => {
    const name = randomUUID();
    const short = "x".repeat(8);
    const jobs = await queue.enqueueMany([
      { type: "t", queue: name, payload: short },
      { type: "t", queue: name, payload: `${short}x` },
      { type: "t", queue: name, payload: "ä".repeat(3_000) },
    ]);
    const ids = jobs.map((job) => job.id);
    const payloads = async (bytesMax?: number) =>
      (await queue.texts(ids, bytesMax === undefined ? {} : { bytesMax })).map(
        ({ payload }) => payload?.length ?? null,
      );

    for (const place of ["waiting", "running", "ended"]) {
      expect([place, ...(await payloads(10))]).toEqual([place, 10, null, null]);
      expect([place, ...(await payloads(6_001))]).toEqual([place, 10, 11, null]);
      expect([place, ...(await payloads())]).toEqual([place, 10, 11, 3_002]);
      if (place === "waiting") await claim(name);
      else await queue.cancelMany({ ids });
      if (place === "running")
        await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 day'");
      await queue.runs.recover({});
    }
  });
});
