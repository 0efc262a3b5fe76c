import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { cliOn } from "./cli.ts";
import type { Surroundings } from "./run-command.ts";

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
    `TRUNCATE ${JOB_TABLES}, millrace.job_schedules, millrace.job_schedule_ticks, millrace.job_attempts`,
  );
});

const UNKNOWN_ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

async function enqueued(argv: readonly string[], around?: Surroundings) {
  const document = await cli.json(["jobs", "enqueue", ...argv], around);
  expect(document).toEqual({ id: expect.any(String), outcome: "enqueued" });
  return queue.get((document as { id: string }).id);
}

async function jobCount(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM millrace.jobs");
  return rows[0]?.count ?? -1;
}

async function running(): Promise<string> {
  const { id } = await queue.enqueue("long", {});
  await queue.runs.claim({ queues: ["default"], workerId: "w1", limit: 1, leaseSeconds: 30 });
  return id;
}

describe("jobs enqueue", () => {
  test("a type alone makes a job with the defaults, due now", async () => {
    expect(await enqueued(["send"])).toMatchObject({
      type: "send",
      queue: "default",
      payload: {},
      state: "queued",
      priority: 0,
      maxAttempts: 10,
      idempotencyKey: null,
    });
  });

  test("people are told the id", async () => {
    const text = await cli.text(["jobs", "enqueue", "send"]);

    const [job] = await queue.list();
    expect(text).toBe(`Enqueued job ${job?.id}.\n`);
  });

  test("every option reaches the job", async () => {
    const options = ["--queue", "mail", "--priority", "-5", "--max-attempts", "9", "--idempotency-key", "k"];

    const job = await enqueued([
      "send",
      "--payload",
      '{"n":1}',
      ...options,
      "--run-at",
      "2030-01-31T09:00:00+01:00",
    ]);

    expect(job).toMatchObject({
      queue: "mail",
      payload: { n: 1 },
      priority: -5,
      maxAttempts: 9,
      idempotencyKey: "k",
      runAt: new Date("2030-01-31T08:00:00Z"),
    });
  });

  test("a delay counts from now, by the database's clock", async () => {
    const { id } = await enqueued(["send", "--delay", "5m"]);

    const { rows } = await pool.query(
      "SELECT run_at - created_at AS delay FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows[0].delay).toMatchObject({ minutes: 5 });
  });

  test("a payload may come from standard input, by either option", async () => {
    const stdin = Buffer.from('{"name":"Zoë 日本"}\n');

    expect((await enqueued(["send", "--payload", "-"], { stdin })).payload).toEqual({ name: "Zoë 日本" });
    expect((await enqueued(["send", "--payload-file", "-"], { stdin })).payload).toEqual({
      name: "Zoë 日本",
    });
  });

  test("a payload may come from a file, also one that begins with a byte order mark", async () => {
    const path = await fileOf('\ufeff[1,"ü"]');

    expect((await enqueued(["send", "--payload-file", path])).payload).toEqual([1, "ü"]);
  });

  test("a second job with an idempotency key is not made, and the first one's id is told", async () => {
    const { id } = await enqueued(["send", "--idempotency-key", "order-1", "--payload", "1"]);
    const again = ["jobs", "enqueue", "send", "--idempotency-key", "order-1", "--payload", "2"];

    expect(await cli.json(again)).toEqual({ id, outcome: "duplicate" });
    expect(await cli.text(again)).toBe(
      `Not enqueued: job ${id} has this idempotency key already. It was left as it is.\n`,
    );
    expect((await queue.get(id)).payload).toBe(1);
    expect(await jobCount()).toBe(1);
  });

  test.each([
    ["broken JSON", ["--payload", "{"], "--payload is not JSON"],
    ["a number that would change", ["--payload", "[12345678901234567890]"], "cannot be kept exactly"],
    ["two payloads", ["--payload", "1", "--payload-file", "x"], "exclude each other"],
    ["a file that is not there", ["--payload-file", "/nonexistent/p.json"], "ENOENT"],
    ["text PostgreSQL cannot store", ["--payload", '"\\u0000"'], "U+0000"],
    ["a priority out of range", ["--priority", "40000"], "Expected an integer from -32768 to 32767"],
    ["no attempts", ["--max-attempts", "0"], "Expected an integer from 1 to"],
    ["a delay without meaning", ["--delay", "soon"], "Expected a delay such as"],
    ["an instant without an offset", ["--run-at", "2030-01-01T00:00:00"], "Expected an instant"],
    ["two times", ["--delay", "5s", "--run-at", "2030-01-01T00:00:00Z"], "cannot be used with"],
    ["an empty queue", ["--queue", ""], "Expected 1 to 100 characters, got 0"],
    [
      "a key that is too long",
      ["--idempotency-key", "k".repeat(256)],
      "Expected 1 to 255 characters, got 256",
    ],
  ])("%s is bad usage, and nothing is enqueued", async (_case, options, message) => {
    const { exitCode, error } = await cli.failure(["jobs", "enqueue", "send", ...options]);

    expect(exitCode).toBe(2);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(await jobCount()).toBe(0);
  });

  test("standard input that is not UTF-8 is bad usage, and nothing is enqueued", async () => {
    const stdin = Uint8Array.of(0x22, 0xff, 0x22);

    expect(await cli.failure(["jobs", "enqueue", "send", "--payload", "-"], { stdin })).toEqual({
      exitCode: 2,
      error: { code: "USAGE", message: "standard input is not UTF-8 text." },
    });
    expect(await jobCount()).toBe(0);
  });
});

describe("jobs cancel", () => {
  test("a queued job is canceled, and no other", async () => {
    const { id } = await queue.enqueue("send", {});
    const bystander = await queue.enqueue("send", {});

    expect(await cli.text(["jobs", "cancel", id])).toBe(`Canceled job ${id}.\n`);

    expect((await queue.get(id)).state).toBe("canceled");
    expect((await queue.get(bystander.id)).state).toBe("queued");
  });

  test("a running job is asked to stop, which is told apart", async () => {
    const id = await running();

    expect(await cli.json(["jobs", "cancel", id])).toEqual({ id, outcome: "cancel-requested" });
    expect(await cli.text(["jobs", "cancel", id])).toContain(
      `Job ${id} is running: its worker is asked to stop`,
    );

    expect(await queue.get(id)).toMatchObject({ state: "running", cancelRequestedAt: expect.any(Date) });
  });

  test("a finished job is refused with exit code 1, and stays as it is", async () => {
    const { id } = await queue.enqueue("send", {});
    await queue.cancel(id);
    const before = await queue.get(id);

    expect(await cli.failure(["jobs", "cancel", id])).toEqual({
      exitCode: 1,
      error: { code: "JOB_STATE", message: expect.stringContaining("it is canceled") },
    });
    expect(await queue.get(id)).toEqual(before);
  });
});

describe("jobs retry", () => {
  test("a canceled job is queued again", async () => {
    const { id } = await queue.enqueue("send", {});
    await queue.cancel(id);

    expect(await cli.json(["jobs", "retry", id])).toEqual({ id, outcome: "queued" });

    expect((await queue.get(id)).state).toBe("queued");
  });

  test("people are told which job was queued again", async () => {
    const { id } = await queue.enqueue("send", {});
    await queue.cancel(id);

    expect(await cli.text(["jobs", "retry", id])).toBe(`Queued job ${id} again.\n`);
  });

  test("a running job is refused with exit code 1, and goes on", async () => {
    const id = await running();

    expect(await cli.failure(["jobs", "retry", id])).toEqual({
      exitCode: 1,
      error: { code: "JOB_STATE", message: expect.stringContaining("it is running") },
    });
    expect((await queue.get(id)).state).toBe("running");
  });
});

test.each(["cancel", "retry"])("jobs %s of a job that is not there fails with exit code 1", async (verb) => {
  expect(await cli.failure(["jobs", verb, UNKNOWN_ID])).toEqual({
    exitCode: 1,
    error: { code: "JOB_NOT_FOUND", message: expect.stringContaining(UNKNOWN_ID) },
  });
});

async function fileOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "payload.json");
  await writeFile(path, text);
  return path;
}
