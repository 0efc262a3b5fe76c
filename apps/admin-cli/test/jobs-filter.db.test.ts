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

function idsOf(document: unknown): string[] {
  return (document as { jobs: { id: string }[] }).jobs.map((job) => job.id);
}

async function listed(...options: string[]): Promise<string[]> {
  return idsOf(await cli.json(["jobs", "list", ...options]));
}

async function states(...ids: string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await queue.get(id)).state));
}

describe("the filter of a list and of a command on many jobs", () => {
  const FILTERS: [string, string[]][] = [
    ["--state", ["--state", "queued"]],
    ["--queue", ["--queue", "mail"]],
    ["--type", ["--type", "send"]],
    ["--key", ["--key", "order-7"]],
    ["--tag", ["--tag", "vip"]],
    ["two --tag", ["--tag", "vip", "--tag", "eu"]],
    ["--payload-contains", ["--payload-contains", '{"customer":{"id":7}}']],
    ["--created-after", ["--created-after", "1h ago", "--queue", "mail"]],
    ["--created-before", ["--created-before", "in 1h", "--queue", "mail"]],
    ["--due-before", ["--due-before", "in 1h", "--queue", "mail"]],
  ];

  test.each(FILTERS)("%s", async (_name, options) => {
    const wanted = await enqueue(
      { queue: "mail", idempotencyKey: "order-7", tags: ["vip", "eu"] },
      { customer: { id: 7, name: "x" } },
    );
    const other = (await queue.enqueue("other", { customer: { id: 8 } }, { tags: ["eu"] })).id;
    await queue.cancel(other);

    expect(await listed(...options)).toEqual([wanted]);
    expect(await cli.json(["jobs", "cancel", ...options, "--yes"])).toMatchObject({ canceled: 1 });
    expect(await states(wanted, other)).toEqual(["canceled", "canceled"]);
  });

  test("--error and the times of ends", async () => {
    const boom = await failed("Boom: 17");
    await failed("other");

    expect(await listed("--error", "boom")).toEqual([boom]);
    expect(await listed("--error", "boom", "--finished-after", "1h ago")).toEqual([boom]);
    expect(await listed("--finished-before", "1h ago")).toEqual([]);
    expect(await listed("--finished-before", "in 1h")).toHaveLength(2);
    expect(await cli.json(["jobs", "retry", "--error", "BOOM", "--yes"])).toEqual({
      queued: 1,
      skipped: 0,
      commandId: expect.any(String),
    });
    expect(await states(boom)).toEqual(["queued"]);
  });

  test("--id takes whole ids, and one beginning or end", async () => {
    const [one, two] = [await enqueue(), await enqueue()];
    await enqueue();

    expect(await listed("--id", one, "--id", two)).toEqual([two, one]);
    expect(await listed("--id", one.slice(0, 30))).toContain(one);
    expect(await listed("--id", `…${two.slice(-8)}`)).toEqual([two]);
    expect(await cli.failure(["jobs", "list", "--id", one, "--id", "0199f7"])).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE", message: "Several --id must be whole ids." },
    });
  });

  test("--order oldest-due lists the queued jobs as they come due, page by page", async () => {
    const late = await enqueue({ runAt: new Date("2030-01-03T00:00:00Z") });
    const early = await enqueue({ runAt: new Date("2030-01-01T00:00:00Z") });
    const middle = await enqueue({ runAt: new Date("2030-01-02T00:00:00Z") });

    expect(await listed("--order", "oldest-due")).toEqual([early, middle, late]);
    const first = await cli.json(["jobs", "list", "--order", "oldest-due", "--limit", "2"]);
    expect(first).toMatchObject({ next: middle });
    expect(await listed("--order", "oldest-due", "--limit", "2", "--before", middle)).toEqual([late]);
  });
});

describe("an id", () => {
  test("may be a beginning, an end or the short form of lists", async () => {
    const id = await enqueue();

    for (const part of [id.slice(0, 32), id.slice(-8), `…${id.slice(-6)}`, `...${id.slice(-6)}`]) {
      expect(await cli.json(["jobs", "get", part])).toMatchObject({ job: { id } });
    }
  });

  test("that fits several jobs is an error that lists them", async () => {
    await pool.query(
      `INSERT INTO millrace.jobs (id, type) VALUES ('0199f7a2-5c3e-7d41-9b60-000000abcdef', 'first'),
       ('0199f7a2-5c3e-7d41-9b61-000000abcdef', 'second'), ('0199f7a3-5c3e-7d41-9b61-000000000000', 'third')`,
    );

    expect(await cli.failure(["jobs", "cancel", "…abcdef"])).toEqual({
      exitCode: 1,
      error: {
        code: "JOB_AMBIGUOUS",
        message: [
          "abcdef fits 2 jobs; give more of the id.",
          "  0199f7a2-5c3e-7d41-9b61-000000abcdef  queued  second",
          "  0199f7a2-5c3e-7d41-9b60-000000abcdef  queued  first",
        ].join("\n"),
      },
    });
    expect(await cli.json(["jobs", "get", "0199f7a3"])).toMatchObject({ job: { type: "third" } });
    expect((await queue.list({ state: "queued" })).length).toBe(3);
  });

  test("that fits no job is not found", async () => {
    expect(await cli.failure(["jobs", "get", "…abcdef"])).toMatchObject({
      exitCode: 1,
      error: { code: "JOB_NOT_FOUND", message: expect.stringContaining("…abcdef") },
    });
  });
});
