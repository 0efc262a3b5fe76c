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
  await pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_attempts,
       millrace.job_schedules, millrace.job_schedule_ticks, millrace.workers`,
  );
});

const UNKNOWN_ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

async function enqueue(type: string, options: Parameters<Queue["enqueue"]>[2] = {}): Promise<string> {
  return (await queue.enqueue(type, {}, options)).id;
}

/** Ids in a known order: those made within one millisecond have none. */
const IDS = [1, 2, 3].map((n) => `0199f7a2-5c3e-7d41-9b60-00000000000${n}`) as [string, string, string];

interface JobRow {
  id: string;
  type?: string;
  queue?: string;
}

async function insertJobs(...rows: JobRow[]): Promise<void> {
  for (const { id, type = "send", queue: name = "default" } of rows) {
    await pool.query("INSERT INTO millrace.jobs (id, type, queue) VALUES ($1, $2, $3)", [id, type, name]);
  }
}

function idsOf(document: unknown): string[] {
  return (document as { jobs: { id: string }[] }).jobs.map((job) => job.id);
}

describe("jobs list", () => {
  test("no jobs are an empty list, and people are told so", async () => {
    expect(await cli.json(["jobs", "list"])).toEqual({ jobs: [], next: null });
    expect(await cli.text(["jobs", "list"])).toBe("No jobs.\n");
  });

  test("people see a row a job, newest first", async () => {
    const [first, second] = IDS;
    await insertJobs({ id: first, type: "first" }, { id: second, type: "second", queue: "mail" });

    const lines = (await cli.text(["jobs", "list"])).split("\n");

    expect(lines[0]).toMatch(/^ID +STATE +QUEUE +TYPE +TRIES +WHEN$/);
    expect(lines[1]).toMatch(/^…000002 +queued +mail +second +0\/10 +due /);
    expect(lines[2]).toMatch(/^…000001 +queued +default +first +0\/10 +due /);
    expect(lines).toHaveLength(4);
  });

  test("each filter leaves out what does not fit, and filters combine", async () => {
    const [plain, mail, canceled] = IDS;
    await insertJobs({ id: plain, type: "report" }, { id: mail, queue: "mail" }, { id: canceled });
    await queue.cancel(canceled);

    expect(idsOf(await cli.json(["jobs", "list"]))).toEqual([canceled, mail, plain]);
    expect(idsOf(await cli.json(["jobs", "list", "--state", "canceled"]))).toEqual([canceled]);
    expect(idsOf(await cli.json(["jobs", "list", "--queue", "mail"]))).toEqual([mail]);
    expect(idsOf(await cli.json(["jobs", "list", "--type", "send"]))).toEqual([canceled, mail]);
    expect(idsOf(await cli.json(["jobs", "list", "--type", "send", "--state", "queued"]))).toEqual([mail]);
    expect(idsOf(await cli.json(["jobs", "list", "--type", "none"]))).toEqual([]);
  });

  test("pages continue where the last one ended, until there is no next", async () => {
    await insertJobs(...IDS.map((id) => ({ id })));

    const first = await cli.json(["jobs", "list", "--limit", "2"]);
    const second = await cli.json(["jobs", "list", "--limit", "2", "--before", IDS[1]]);

    expect(idsOf(first)).toEqual([IDS[2], IDS[1]]);
    expect(first).toMatchObject({ next: IDS[1] });
    expect(idsOf(second)).toEqual([IDS[0]]);
    expect(second).toMatchObject({ next: null });
    expect(await cli.text(["jobs", "list", "--limit", "2"])).toContain(
      `There are more: --before ${IDS[1]}\n`,
    );
  });

  test("a job's data cannot act on the terminal, and is cut for people only", async () => {
    const type = `\u001b[2J\u009b${"w".repeat(90)}`;
    await enqueue(type);

    const text = await cli.text(["jobs", "list"]);

    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u009b");
    expect(text).toContain("\\u001b[2J\\u009bwww");
    expect(text).toContain("w… ");
    expect(await cli.json(["jobs", "list"])).toMatchObject({ jobs: [{ type }] });
  });
});

describe("jobs get", () => {
  test("JSON holds every field of the job, and no attempts before the first failure", async () => {
    const { id } = await queue.enqueue(
      "send",
      { to: "a@example.com", n: [1, null] },
      { queue: "mail", priority: -3 },
    );

    expect(await cli.json(["jobs", "get", id])).toEqual({
      job: {
        id,
        queue: "mail",
        type: "send",
        payload: { to: "a@example.com", n: [1, null] },
        state: "queued",
        priority: -3,
        runAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
        attempts: 0,
        maxAttempts: 10,
        crashes: 0,
        lastError: null,
        lastRunAt: null,
        workerId: null,
        leaseUntil: null,
        leaseToken: 0,
        idempotencyKey: null,
        scheduleId: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
        completedAt: null,
        canceledAt: null,
        cancelRequestedAt: null,
        progress: null,
        output: null,
        tags: [],
        metadata: {},
        startBy: null,
        tickAt: null,
        settings: {},
        traceId: null,
      },
      waitsForWorker: true,
      attempts: [],
    });
  });

  test("a due job that no living worker has a task for says what it waits for", async () => {
    const id = await enqueue("send");
    const alone = await cli.text(["jobs", "get", id]);
    await pool.query(
      "INSERT INTO millrace.workers (worker_id, queues, types) VALUES ('w', '{default}', '{send}')",
    );
    const known = await cli.text(["jobs", "get", id]);

    expect(alone).toMatch(/^State +queued: waits for a worker that has the task send$/m);
    expect(known).toMatch(/^State +queued$/m);
  });

  test("past attempts are shown with their errors, oldest first", async () => {
    const id = await failTwice("boom\n    at x (y.ts:1)", "bang\u001b[31m");

    const document = await cli.json(["jobs", "get", id]);
    const text = await cli.text(["jobs", "get", id]);

    expect(document).toMatchObject({
      job: { state: "failed", attempts: 2, lastError: "bang\u001b[31m" },
      attempts: [
        { attempt: 1, outcome: "retried", workerId: "w1", error: "boom\n    at x (y.ts:1)" },
        { attempt: 2, outcome: "failed", workerId: "w1", error: "bang\u001b[31m" },
      ],
    });
    expect(text).toMatch(/^State +failed$/m);
    expect(text).toMatch(/^Attempts +2 of 2$/m);
    expect(text).toContain("Last error\n  bang\\u001b[31m\n");
    expect(text).toMatch(/^1 +retried +w1 .* boom$/m);
    expect(text).not.toContain("\u001b");
  });

  test("the payload is shown whole, over several lines", async () => {
    const { id } = await queue.enqueue("send", { text: "x".repeat(500), bell: "\u0007\u009b" });

    const text = await cli.text(["jobs", "get", id]);

    expect(text).toContain("Payload\n  {\n");
    expect(text).toContain(`    "text": "${"x".repeat(500)}"`);
    expect(text).toContain('    "bell": "\\u0007\\u009b"');
  });

  test("what a handler told and returned is shown, and left out when it is nothing", async () => {
    const id = await enqueue("report");
    const [claimed] = await queue.runs.claim({
      queues: ["default"],
      workerId: "w",
      limit: 1,
      leaseSeconds: 30,
    });
    await pool.query(
      `UPDATE millrace.claims SET progress = ARRAY['{"pages": 3}'::jsonb] WHERE $1 = ANY(ids)`,
      [id],
    );

    expect(await cli.json(["jobs", "get", id])).toMatchObject({
      job: { progress: { pages: 3 }, output: null },
    });
    const running = await cli.text(["jobs", "get", id]);
    expect(running).toContain('Progress\n  {\n    "pages": 3\n  }\n');
    expect(running).not.toContain("Output");

    await queue.runs.complete([{ id, leaseToken: claimed?.leaseToken ?? -1, output: '{"file": "a.pdf"}' }]);
    expect(await cli.json(["jobs", "get", id])).toMatchObject({ job: { output: { file: "a.pdf" } } });
    expect(await cli.text(["jobs", "get", id])).toContain('Output\n  {\n    "file": "a.pdf"\n  }\n');
  });

  test("a job that waits for something else than time is said to", async () => {
    const id = await enqueue("parent");
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = 'infinity' WHERE id = $1", [id]);

    expect(await cli.text(["jobs", "get", id])).toMatch(/^Run at +never: /m);
    expect(await cli.json(["jobs", "get", id])).toMatchObject({ job: { runAt: null } });
  });

  test("a job that is not there fails with exit code 1", async () => {
    expect(await cli.failure(["jobs", "get", UNKNOWN_ID])).toEqual({
      exitCode: 1,
      error: { code: "JOB_NOT_FOUND", message: expect.stringContaining(UNKNOWN_ID) },
    });
  });
});

describe("jobs stats", () => {
  test("no jobs are no queues, and people are told so", async () => {
    expect(await cli.json(["jobs", "stats"])).toEqual({ queues: [] });
    expect(await cli.text(["jobs", "stats"])).toBe("No jobs.\n");
  });

  test("every queue has its count by state, what is due, and how long that has waited", async () => {
    await queue.cancel(await enqueue("a"));
    await enqueue("b", { delayMs: 3_600_000 });
    const late = await enqueue("c", { queue: "mail" });
    await pool.query(
      "UPDATE millrace.waiting_jobs SET run_at = now() - interval '2 hours 5 minutes' WHERE id = $1",
      [late],
    );

    const document = await cli.json(["jobs", "stats"]);
    const text = await cli.text(["jobs", "stats"]);

    const none = { queued: 0, running: 0, completed: 0, failed: 0, canceled: 0 };
    expect(document).toEqual({
      queues: [
        { queue: "default", counts: { ...none, queued: 1, canceled: 1 }, due: 0, oldestDueMs: null },
        { queue: "mail", counts: { ...none, queued: 1 }, due: 1, oldestDueMs: expect.any(Number) },
      ],
    });
    expect(text).toMatch(/^default +1 +0 +0 +0 +1 +0 +-$/m);
    expect(text).toMatch(/^mail +1 +0 +0 +0 +0 +1 +2h 5m$/m);
  });
});

async function failTwice(first: string, second: string): Promise<string> {
  const id = await enqueue("flaky", { maxAttempts: 2 });
  for (const [error, retryInMs] of [
    [first, 0],
    [second, null],
  ] as const) {
    const [claimed] = await queue.runs.claim({
      queues: ["default"],
      workerId: "w1",
      limit: 1,
      leaseSeconds: 30,
    });
    await queue.runs.fail([{ id, leaseToken: claimed?.leaseToken ?? -1, error, retryInMs }]);
  }
  return id;
}
