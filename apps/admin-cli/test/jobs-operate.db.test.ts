import { createQueue, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";
import { runCommand } from "./run-command.ts";

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

const UNKNOWN_ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";
const LATER = { delayMs: 3_600_000 };

async function claimed() {
  const claim = { queues: ["default"], workerId: "w1", limit: 1, leaseSeconds: 30 };
  const [run] = await queue.runs.claim(claim);
  if (run === undefined) throw new Error("no job was claimed");
  return run;
}

async function failed(error: string): Promise<string> {
  const { id } = await queue.enqueue("send", {});
  await queue.runs.fail([{ ...(await claimed()), error, retryInMs: null }]);
  return id;
}

async function completed(): Promise<string> {
  const { id } = await queue.enqueue("send", {});
  await queue.runs.complete([{ ...(await claimed()), output: '{"sent":true}' }]);
  return id;
}

async function isDue(id: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT run_at <= now() AS due FROM millrace.jobs WHERE id = $1", [id]);
  return rows[0]?.due;
}

describe("jobs run-now", () => {
  test("makes one job due, and people are told which", async () => {
    const { id } = await queue.enqueue("send", {}, LATER);
    const other = await queue.enqueue("send", {}, LATER);

    expect(await cli.text(["jobs", "run-now", id])).toBe(`Job ${id} is due now.\n`);

    expect(await isDue(id)).toBe(true);
    expect(await isDue(other.id)).toBe(false);
  });

  test("makes the jobs of a filter due", async () => {
    const mail = await queue.enqueue("send", {}, { ...LATER, queue: "mail" });
    const other = await queue.enqueue("send", {}, LATER);

    expect(await cli.json(["jobs", "run-now", "--queue", "mail", "--yes"])).toEqual({
      due: 1,
      skipped: 0,
      commandId: expect.any(String),
    });

    expect(await isDue(mail.id)).toBe(true);
    expect(await isDue(other.id)).toBe(false);
  });

  test("a job that has ended is refused with exit code 1", async () => {
    expect(await cli.failure(["jobs", "run-now", await failed("x")])).toMatchObject({
      exitCode: 1,
      error: { code: "JOB_STATE" },
    });
  });
});

describe("jobs retry", () => {
  test("queues a completed job again, too", async () => {
    const id = await completed();

    expect(await cli.json(["jobs", "retry", id])).toEqual({ id, outcome: "queued" });

    expect((await queue.get(id)).state).toBe("queued");
  });

  test("of many, completed jobs are left alone unless they are named", async () => {
    const done = await completed();
    const bad = await failed("x");

    expect(await cli.json(["jobs", "retry", "--type", "send", "--yes"])).toEqual({
      queued: 1,
      skipped: 0,
      commandId: expect.any(String),
    });
    expect((await queue.get(bad)).state).toBe("queued");
    expect((await queue.get(done)).state).toBe("completed");

    expect(await cli.json(["jobs", "retry", "--state", "completed", "--yes"])).toEqual({
      queued: 1,
      skipped: 0,
      commandId: expect.any(String),
    });
    expect((await queue.get(done)).state).toBe("queued");
  });
});

describe("jobs change", () => {
  test("changes what is given, and answers with the job", async () => {
    const { id } = await queue.enqueue("send", { n: 1 }, { idempotencyKey: "old", tags: ["a"], priority: 3 });

    const document = await cli.json([
      ...[
        "jobs",
        "change",
        id,
        "--payload",
        '{"n":2}',
        "--run-at",
        "2030-01-31T09:00:00Z",
        "--priority",
        "-1",
      ],
      ...["--queue", "mail", "--max-attempts", "7", "--key", "new", "--tag", "b", "--tag", "c"],
      ...["--metadata", '{"customer":7}'],
    ]);

    const changed = {
      payload: { n: 2 },
      queue: "mail",
      priority: -1,
      maxAttempts: 7,
      idempotencyKey: "new",
      tags: ["b", "c"],
      metadata: { customer: 7 },
    };
    expect(document).toMatchObject({ job: { id, ...changed, runAt: "2030-01-31T09:00:00.000Z" } });
    expect(await queue.get(id)).toMatchObject({ ...changed, runAt: new Date("2030-01-31T09:00:00Z") });
  });

  test("takes a key and tags away, and leaves the rest", async () => {
    const { id } = await queue.enqueue("send", { n: 1 }, { idempotencyKey: "k", tags: ["a"], priority: 3 });

    expect(await cli.text(["jobs", "change", id, "--no-key", "--no-tag"])).toBe(`Changed job ${id}.\n`);

    expect(await queue.get(id)).toMatchObject({
      idempotencyKey: null,
      tags: [],
      priority: 3,
      payload: { n: 1 },
    });
  });

  test("a running job is refused, and stays as it is", async () => {
    const { id } = await queue.enqueue("send", {});
    await claimed();

    expect(await cli.failure(["jobs", "change", id, "--priority", "1"])).toMatchObject({
      exitCode: 1,
      error: { code: "JOB_STATE" },
    });
    expect((await queue.get(id)).priority).toBe(0);
  });
});

describe("jobs find", () => {
  test("shows the job that has the key", async () => {
    const { id } = await queue.enqueue("send", {}, { idempotencyKey: "order-7" });

    expect(await cli.json(["jobs", "find", "order-7"])).toMatchObject({
      job: { id, idempotencyKey: "order-7" },
    });
    expect(await cli.text(["jobs", "find", "order-7"])).toContain(id);
  });

  test("no such job is an answer with exit code 1", async () => {
    const env = { DATABASE_URL: database.url };

    expect(await runCommand(["jobs", "find", "none", "--json"], { env })).toEqual({
      exitCode: 1,
      stdout: '{\n  "job": null\n}\n',
      stderr: "",
    });
    expect((await runCommand(["jobs", "find", "none"], { env })).stdout).toBe("No job has the key none.\n");
  });
});

describe("jobs explain", () => {
  test("says why a job is not running", async () => {
    const { id } = await queue.enqueue("send", {});
    await queue.pause("default");

    const document = await cli.json(["jobs", "explain", id]);
    const text = await cli.text(["jobs", "explain", id]);

    expect(document).toMatchObject({
      job: { id, state: "queued" },
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: "queue-paused", text: expect.any(String) }),
      ]),
    });
    expect(text).toMatch(new RegExp(`^Job ${id} \\(send\\) is queued\\.\\n- `));
  });

  test("says what became of a job that has ended", async () => {
    expect(await cli.text(["jobs", "explain", await failed("boom\n  at x")])).toMatch(
      /is failed\.\n- .*boom/,
    );
  });
});

describe("jobs failures", () => {
  test("groups failed jobs by type and error, those with the most jobs first", async () => {
    await failed("timeout after 17 ms");
    const last = await failed("timeout after 23 ms\n  at x");
    await failed("no such user");
    await completed();

    const document = await cli.json(["jobs", "failures"]);
    const text = await cli.text(["jobs", "failures"]);

    expect(document).toMatchObject({
      failures: [
        { type: "send", queue: "default", count: 2, exampleId: last, error: "timeout after 23 ms" },
        { count: 1, error: "no such user" },
      ],
      looked: 3,
      complete: true,
    });
    const [head, first] = text.split("\n");
    expect(head).toMatch(/^JOBS +TYPE +QUEUE +LAST +EXAMPLE +ERROR$/);
    expect(first).toMatch(new RegExp(`^ *2 +send +default +\\S.* +…${last.slice(-6)} +timeout after 23 ms$`));
  });

  test("a filter leaves out what does not fit", async () => {
    await failed("x");

    expect(await cli.text(["jobs", "failures", "--queue", "mail"])).toBe("No failed jobs.\n");
    expect(await cli.json(["jobs", "failures", "--finished-after", "now"])).toMatchObject({ failures: [] });
    expect(await cli.json(["jobs", "failures", "--finished-after", "1h ago"])).toMatchObject({ looked: 1 });
  });
});

describe("jobs wait", () => {
  test("ends when the job completes, with its output", async () => {
    const { id } = await queue.enqueue("send", {});
    const waiting = cli.text(["jobs", "wait", id]);
    await waitFor(
      async () => (await pool.query("SELECT FROM millrace.job_waits WHERE job_id = $1", [id])).rowCount === 1,
      { description: "the command to wait" },
    );

    await queue.runs.complete([{ ...(await claimed()), output: '{"sent":true}' }]);

    expect(await waiting).toBe(`Job ${id} is completed.\n{\n  "sent": true\n}\n`);
  });

  test("a job that has failed is an answer with exit code 1", async () => {
    const id = await failed("boom\n  at x");
    const env = { DATABASE_URL: database.url };

    expect(await runCommand(["jobs", "wait", id], { env })).toEqual({
      exitCode: 1,
      stdout: `Job ${id} is failed.\nboom\n  at x\n`,
      stderr: "",
    });
    const { stdout } = await runCommand(["jobs", "wait", id, "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ job: { id, state: "failed" } });
  });

  test("gives up after the time-out with exit code 1", async () => {
    const { id } = await queue.enqueue("send", {});

    expect(await cli.failure(["jobs", "wait", id, "--timeout", "1ms"])).toMatchObject({
      exitCode: 1,
      error: { code: "WAIT_TIMED_OUT" },
    });
  });
});

test.each(["run-now", "explain", "wait"])(
  "jobs %s of a job that is not there fails with exit code 1",
  async (verb) => {
    expect(await cli.failure(["jobs", verb, UNKNOWN_ID])).toEqual({
      exitCode: 1,
      error: { code: "JOB_NOT_FOUND", message: expect.stringContaining(UNKNOWN_ID) },
    });
  },
);
