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
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

async function enqueue(options: Parameters<Queue["enqueue"]>[2] = {}, payload: object = {}): Promise<string> {
  return (await queue.enqueue("send", { ...payload }, options)).id;
}

async function failed(error: string): Promise<string> {
  const id = await enqueue({ priority: -100 });
  const runs = await queue.runs.claim({ queues: ["default"], workerId: "w1", limit: 1, leaseSeconds: 30 });
  await queue.runs.fail(runs.map((run) => ({ ...run, error, retryInMs: null })));
  return id;
}

describe("jobs list --json-lines", () => {
  test("writes a line for each job, over the pages of the library", async () => {
    await pool.query("INSERT INTO millrace.jobs (type) SELECT 'bulk' FROM generate_series(1, 2500)");

    const text = await cli.text(["jobs", "list", "--json-lines", "--limit", "2400"]);

    const jobs = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(jobs).toHaveLength(2_400);
    expect(new Set(jobs.map((job) => job.id)).size).toBe(2_400);
    expect(jobs[0]).toMatchObject({ type: "bulk", state: "queued", tags: [] });
  });

  test("ends when nobody reads any more", async () => {
    await pool.query("INSERT INTO millrace.jobs (type) SELECT 'bulk' FROM generate_series(1, 2500)");

    const text = await cli.text(["jobs", "list", "--json-lines", "--limit", "2500"], { isRead: () => false });

    expect(text.trimEnd().split("\n")).toHaveLength(1_000);
  });

  test("no jobs are no lines", async () => {
    expect(await cli.text(["jobs", "list", "--json-lines"])).toBe("");
  });
});

describe("what people see", () => {
  test("failed jobs have the first line of their error and when they failed", async () => {
    const id = await failed("boom\n  at x");

    const [head, row] = (await cli.text(["jobs", "list", "--state", "failed"])).split("\n");

    expect(head).toMatch(/^ID +QUEUE +TYPE +TRIES +FAILED +ERROR$/);
    expect(row).toMatch(new RegExp(`^…${id.slice(-6)} +default +send +1/10 +(now|\\d+ s ago) +boom$`));
  });

  test("running jobs have their worker and for how long they run", async () => {
    const id = await enqueue();
    await queue.runs.claim({ queues: ["default"], workerId: "w1", limit: 1, leaseSeconds: 30 });
    await pool.query("UPDATE millrace.claims SET begun_at = now() - interval '75 seconds'");

    const [head, row] = (await cli.text(["jobs", "list", "--state", "running"])).split("\n");

    expect(head).toMatch(/^ID +QUEUE +TYPE +TRIES +WORKER +FOR$/);
    expect(row).toMatch(new RegExp(`^…${id.slice(-6)} +default +send +1/10 +w1 +1m 1\\ds$`));
  });

  test("--absolute shows instants in ISO 8601", async () => {
    await enqueue({ runAt: new Date("2030-01-31T09:00:00Z") });

    expect(await cli.text(["jobs", "list", "--absolute"])).toMatch(/due 2030-01-31T09:00:00Z$/m);
    expect(await cli.text(["jobs", "list"])).toMatch(/in \d+ d$/m);
  });

  test("colours are for terminals", async () => {
    await failed("boom");

    const plain = await cli.text(["jobs", "list"]);
    const painted = await cli.text(["jobs", "list"], { terminal: { isOutput: true, columns: () => 80 } });

    expect(plain).not.toContain("\u001b");
    expect(painted).toContain("\u001b[31mfailed\u001b[39m");
  });
});

describe("--watch", () => {
  test("writes the list again and again, until nobody reads it any more", async () => {
    await enqueue();

    const text = await cli.text(["jobs", "list", "--watch", "0.1"], {
      isRead: (written) => written.split("ID ").length <= 3,
    });

    expect(text.match(/^ID /gm)).toHaveLength(3);
  });

  test("with --json, each answer is one line", async () => {
    await enqueue();

    const text = await cli.text(["jobs", "stats", "--watch", "0.1", "--json"], {
      isRead: (written) => written.split("\n").length < 3,
    });

    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ queues: [{ queue: "default" }] });
  });

  test("on a terminal, each answer takes the place of the one before, until the person ends it", async () => {
    await enqueue();
    const quit = new AbortController();

    const text = await cli.text(["jobs", "list", "--watch", "0.1"], {
      env: { NO_COLOR: "1" },
      terminal: {
        isOutput: true,
        columns: () => 80,
        rows: () => 24,
        listenForQuit: () => ({ signal: quit.signal, close: () => undefined }),
      },
      isRead: (written) => {
        if (written.split("\u001b[H").length > 2) quit.abort();
        return true;
      },
    });

    expect(text.startsWith("\u001b[?1049h\u001b[?25l\u001b[H")).toBe(true);
    expect(text.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
    expect(text.split("\u001b[H")).toHaveLength(3);
  });
});
