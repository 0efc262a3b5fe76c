import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.job_queues, millrace.workers`);
});

describe("jobs enqueue", () => {
  test("the settings of a job reach the job", async () => {
    const document = await cli.json([
      ...["jobs", "enqueue", "send", "--tag", "vip", "--tag", "eu", "--metadata", '{"customer":7}'],
      ...["--start-within", "1h", "--timeout", "5m", "--retention", "7d", "--backoff-base", "1s"],
      ...["--backoff-cap", "1m", "--dead-letter", "dead", "--dead-letter-queue", "graves"],
    ]);

    const job = await queue.get((document as { id: string }).id);
    expect(job).toMatchObject({
      tags: ["vip", "eu"],
      metadata: { customer: 7 },
      settings: {
        timeoutMs: 300_000,
        retentionMs: 604_800_000,
        backoff: { baseMs: 1_000, capMs: 60_000 },
        deadLetter: { type: "dead", queue: "graves" },
      },
    });
    // The database rounds to ms.
    expect((job.startBy?.getTime() ?? 0) - (job.runAt?.getTime() ?? 0) - 3_600_000).toBeOneOf([-1, 0, 1]);
  });

  test("relative times count from the database's clock", async () => {
    const document = await cli.json(["jobs", "enqueue", "send", "--run-at", "in 2h", "--start-by", "in 3h"]);

    const { rows } = await pool.query(
      `SELECT run_at - created_at BETWEEN '119 min' AND '121 min' AS later, start_by - run_at AS after
       FROM millrace.jobs WHERE id = $1`,
      [(document as { id: string }).id],
    );
    expect(rows).toEqual([{ later: true, after: expect.objectContaining({ hours: 1 }) }]);
  });

  test("a key has a scope, and says what to do when it is taken", async () => {
    const argv = ["jobs", "enqueue", "send", "--key", "k", "--key-scope", "queued", "--payload"];
    const first = await cli.json([...argv, "1"]);
    const { id } = first as { id: string };

    expect(await cli.json([...argv, "2", "--on-duplicate", "replace"])).toEqual({ id, outcome: "replaced" });
    expect(await cli.text([...argv, "3", "--on-duplicate", "replace"])).toContain(`Replaced job ${id}`);
    expect(await cli.failure([...argv, "4", "--on-duplicate", "error"])).toMatchObject({
      exitCode: 1,
      error: { code: "DUPLICATE_JOB" },
    });
    expect((await queue.get(id)).payload).toBe(3);
  });
});
