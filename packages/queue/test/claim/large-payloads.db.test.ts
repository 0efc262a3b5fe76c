import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, InvalidJobError, type Queue } from "../../src/index.ts";
import { pollingNever } from "../polling-never.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

/** Jobs whose payload is such an SQL text. */
const insert = (name: string, count: number, text: string) =>
  pool.query(
    `INSERT INTO millrace.jobs (queue, type, payload)
     SELECT $1, 't', jsonb_build_object('n', n, 'text', ${text}) FROM generate_series(1, $2::int) AS n`,
    [name, count],
  );

const COMPRESSED = "repeat('x', 1000000)";
const PLAIN = "(SELECT string_agg(md5(m::text), '') FROM generate_series(1, 31250) AS m)";

const claim = (name: string, limit: number) =>
  queue.runs.claim({ queues: [name], workerId: "w", limit, leaseSeconds: 30 });

describe("a claim of jobs of a megabyte each", () => {
  test.each([
    ["stored compressed", "compressed", COMPRESSED],
    ["stored as they are", "plain", PLAIN],
  ])(
    "takes as many as have eight together, and leaves the others as they were: %s",
    async (_, name, text) => {
      await insert(name, 20, text);

      const sizes = [];
      for (let jobs = await claim(name, 20); jobs.length > 0; jobs = await claim(name, 20)) {
        sizes.push(jobs.length);
        const { rows } = await pool.query(
          "SELECT FROM millrace.jobs WHERE queue = $1 AND state = 'queued' AND attempts <> 0",
          [name],
        );
        expect(rows).toEqual([]);
      }

      expect(sizes).toEqual([9, 9, 2]);
    },
  );

  test("takes one that is larger than a claim may be, from before payloads had a limit", async () => {
    await insert("huge", 2, "''");
    await pool.query(
      "UPDATE millrace.waiting_jobs SET payload = jsonb_build_object('x', repeat('x', 9000000)) WHERE queue = 'huge'",
    );

    expect(await claim("huge", 10)).toHaveLength(1);
    expect(await claim("huge", 10)).toHaveLength(1);
  });

  test("is not cut short by small ones", async () => {
    await insert("small", 1_000, "repeat('x', 400)");

    expect(await claim("small", 1_000)).toHaveLength(1_000);
  });
});

test("a worker runs all of them, without resting between claims that their bytes cut short", async () => {
  await insert("work", 60, COMPRESSED);
  let done = 0;
  const run = () => {
    done += 1;
  };
  const worker = createWorker({
    db: pool,
    queues: ["work"],
    // No poll comes to its help.
    pollMs: 60_000,
    clock: pollingNever,
    tasks: [defineTask({ name: "t", payload: z.unknown(), run })],
  });
  worker.start();
  await waitFor(() => done === 60, { description: "every job to run" });
  await worker.stop();
});

describe("a payload", () => {
  const MAX = 4_194_304;

  test("of 4 MiB of JSON is taken, and one byte more is refused, by its field and with its size", async () => {
    await queue.enqueue("t", "x".repeat(MAX - 2), { queue: "edge" });

    const refused = queue.enqueue("t", "x".repeat(MAX - 1), { queue: "edge" });
    await expect(refused).rejects.toBeInstanceOf(InvalidJobError);
    await expect(refused).rejects.toMatchObject({ field: "payload" });
    await expect(refused).rejects.toThrow(/4194304 bytes of JSON, got 4194305/);
    const many = queue.enqueueMany([
      { type: "t" },
      { type: "t", payload: "é".repeat(MAX / 2), queue: "edge" },
    ]);
    await expect(many).rejects.toMatchObject({ field: "jobs[1].payload" });
    expect(await queue.list({ queue: "edge" })).toHaveLength(1);
  });
});
