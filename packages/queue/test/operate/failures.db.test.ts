import { randomUUID } from "node:crypto";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Executor, type Queue } from "../../src/index.ts";
import { readFailures } from "../../src/operate/read-failures.sql.ts";
import { insertJob, type JobSetup } from "../insert-job.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** Inserts a failed job with an error, which failed so many seconds ago. */
async function failed(
  error: string | null,
  { secondsAgo = 0, ...job }: JobSetup & { secondsAgo?: number } = {},
) {
  const id = await insertJob(pool, { state: "failed", ...job });
  await pool.query(
    "UPDATE millrace.ended_jobs SET last_error = $2, ended_at = now() - $3 * interval '1 second' WHERE id = $1",
    [id, error, secondsAgo],
  );
  return id;
}

describe("failures", () => {
  test("are grouped by kind: numbers and ids make no other kind, types and queues do", async () => {
    const name = randomUUID();
    const of = { queue: name, type: "mail" };
    await failed("Error: timeout after 5003 ms for user 42\n    at a (a.js:1:2)", { ...of, secondsAgo: 90 });
    const last = await failed("Error: timeout after 17 ms for user 7\n    at b (b.js:9:9)", {
      ...of,
      secondsAgo: 5,
    });
    await failed("Error: timeout after 9 ms for user 1", { ...of, secondsAgo: 50 });
    await failed("Error: refused", { ...of });
    await failed("Error: refused", { ...of, type: "fax" });
    await failed(null, { ...of, type: "fax" });
    for (const state of ["completed", "canceled"] as const) await insertJob(pool, { ...of, state });

    const report = await queue.failures({ queue: name });

    expect(report).toMatchObject({ looked: 6, complete: true });
    expect(report.groups[0]).toEqual({
      type: "mail",
      queue: name,
      fingerprint: "Error: timeout after <n> ms for user <n>",
      error: "Error: timeout after 17 ms for user 7",
      count: 3,
      firstAt: expect.any(Date),
      lastAt: (await queue.get(last)).updatedAt,
      exampleId: last,
    });
    const [first] = report.groups;
    expect((first?.lastAt.getTime() ?? 0) - (first?.firstAt.getTime() ?? 0)).toBeGreaterThan(80_000);
    const rest = report.groups
      .slice(1)
      .map(({ type, fingerprint, error, count }) => [type, fingerprint, error, count]);
    expect(rest.sort()).toEqual([
      ["fax", "(no error text)", null, 1],
      ["fax", "Error: refused", "Error: refused", 1],
      ["mail", "Error: refused", "Error: refused", 1],
    ]);
  });

  test("that fit no field of the filter are left out", async () => {
    const name = randomUUID();
    const old = await failed("Error: old", { queue: name, type: "a", secondsAgo: 1_000 });
    const young = await failed("Error: young", { queue: name, type: "b" });
    await failed("Error: elsewhere", { queue: randomUUID(), type: "a" });
    const idsOf = async (filter: Parameters<Queue["failures"]>[0]) =>
      (await queue.failures(filter)).groups.map((group) => group.exampleId).sort();

    expect(await idsOf({ queue: name })).toEqual([old, young].sort());
    expect(await idsOf({ queue: name, type: "b" })).toEqual([young]);
    const [justNow] = (await pool.query("SELECT now() - interval '1 minute' AS at")).rows;
    expect(await idsOf({ queue: name, finishedAfter: justNow.at })).toEqual([young]);
    await pool.query("UPDATE millrace.ended_jobs SET ended_at = $2 WHERE id = $1", [young, justNow.at]);
    expect(await idsOf({ queue: name, finishedAfter: justNow.at })).toEqual([young]);
  });

  test.each(["0000-01-01T00:00:00Z", "+012024-01-01T00:00:00Z", "x"])(
    "since an instant that PostgreSQL cannot read are not asked for: %s",
    async (text) => {
      await expect(queue.failures({ finishedAfter: new Date(text) })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        option: "finishedAfter",
      });
    },
  );

  test("beyond the number to look at are not looked at, and the report says so", async () => {
    const name = randomUUID();
    for (let n = 0; n < 5; n += 1) await failed(`Error: kind ${"abcde"[n]}`, { queue: name });

    const part = await queue.failures({ queue: name, jobs: 3, limit: 2 });
    const all = await queue.failures({ queue: name, jobs: 6 });

    expect(part).toMatchObject({ looked: 3, complete: false });
    expect(part.groups).toHaveLength(2);
    expect(all).toMatchObject({ looked: 5, complete: true });
    expect(all.groups).toHaveLength(5);
    const seen = await queue.failures({ queue: name, jobs: 3 });
    // The last enqueued ones.
    expect(seen.groups.map((group) => group.error).sort()).toEqual([
      "Error: kind c",
      "Error: kind d",
      "Error: kind e",
    ]);
  });

  test("are read to an end that an abort sets", async () => {
    const abort = new AbortController();
    abort.abort();

    expect(await queue.failures({ signal: abort.signal })).toEqual({
      groups: [],
      looked: 0,
      complete: false,
    });
  });

  test("of a large table are read in steps that each read a bounded number of rows", async () => {
    const name = randomUUID();
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                        max_attempts, crashes, created_at, ended_at, state, last_error)
       SELECT millrace.uuid_v7(), $1, 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(),
              CASE WHEN n % 4 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n % 4 = 0 THEN 'Error: no ' || n END
       FROM generate_series(1, 100000) n`,
      [name],
    );
    let buffers = 0;
    const explaining: Executor = {
      async query(text, values) {
        const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
        const plan = rows[0]["QUERY PLAN"][0].Plan;
        buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
        return { rows: [] };
      },
    };
    const range = { before: "ffffffff-ffff-ffff-ffff-ffffffffffff", limit: 1_000, most: 1_000, filter: {} };
    await readFailures(explaining, range);

    expect(buffers).toBeGreaterThan(0);
    expect(buffers).toBeLessThan(8_000);
    expect(await queue.failures({ queue: name, jobs: 1_000_000 })).toMatchObject({
      looked: 25_000,
      complete: true,
      groups: [{ fingerprint: "Error: no <n>", count: 25_000 }],
    });
  });
});
