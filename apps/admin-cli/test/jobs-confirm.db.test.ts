import { createQueue, type Queue } from "@millrace/queue";
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
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_attempts`);
});

const PLACE = /database millrace_test_\w+ on \S+/.source;

async function enqueue(options: Parameters<Queue["enqueue"]>[2] = {}, payload: object = {}): Promise<string> {
  return (await queue.enqueue("send", { ...payload }, options)).id;
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

describe("a command on many jobs", () => {
  const answering = (answer: string, asked: string[] = []) => ({
    terminal: {
      ask: async (question: string) => {
        asked.push(question);
        return answer;
      },
    },
  });

  test("tells the number and the database, and asks where somebody can answer", async () => {
    const ids = [await enqueue({ queue: "mail" }), await enqueue({ queue: "mail" })];
    const asked: string[] = [];

    const text = await cli.text(["jobs", "cancel", "--queue", "mail"], answering("y", asked));

    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(
      new RegExp(
        `^2 queued or running jobs in ${PLACE}\\nFilter: queue mail\\.\\nCancel them\\? \\[y/N\\] $`,
      ),
    );
    expect(text).toMatch(
      new RegExp(`^Canceled 2 jobs, in ${PLACE}\\.\\nTo undo it .+: millrace undo \\S+\\n$`),
    );
    expect(await states(...ids)).toEqual(["canceled", "canceled"]);
  });

  test.each(["", "n", "no", "yesterday"])(
    "the answer %j changes nothing, with exit code 1",
    async (answer) => {
      const id = await enqueue();
      const env = { DATABASE_URL: database.url };

      expect(await runCommand(["jobs", "delete", "--all"], { env, ...answering(answer) })).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: "millrace: Nothing was changed: the answer was not yes.\n",
      });
      expect(await states(id)).toEqual(["queued"]);
    },
  );

  test("with --json nobody is asked: --yes is needed", async () => {
    const id = await enqueue();

    const { exitCode, error } = await cli.failure(["jobs", "delete", "--all"], answering("y"));

    expect(exitCode).toBe(2);
    expect(error).toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(
        new RegExp(`^1 queued, .* job in ${PLACE} would be deleted: add --yes to do so, or --dry-run`),
      ),
    });
    expect(await states(id)).toEqual(["queued"]);
  });

  test("--dry-run changes nothing, and shows the number and five jobs", async () => {
    for (let n = 0; n < 7; n += 1) await enqueue({ queue: "mail" });

    for (const [verb, count] of [
      ["cancel", 7],
      ["delete", 7],
      ["retry", 0],
      ["run-now", 0],
    ] as const) {
      const document = await cli.json(["jobs", verb, "--queue", "mail", "--dry-run"]);
      expect({ verb, document }).toMatchObject({ verb, document: { dryRun: true, count } });
      expect((document as { examples: unknown[] }).examples).toHaveLength(Math.min(count, 5));
    }
    const text = await cli.text(["jobs", "delete", "--queue", "mail", "--dry-run", "--yes"]);
    expect(text).toMatch(
      new RegExp(`^7 queued, .* jobs in ${PLACE} would be deleted\\.\\nFilter: queue mail\\.`),
    );
    expect(text.match(/^…/gm)).toHaveLength(5);
    expect(await listed("--state", "queued")).toHaveLength(7);
  });

  test("--limit bounds how many jobs are changed", async () => {
    for (let n = 0; n < 5; n += 1) await enqueue();

    expect(await cli.json(["jobs", "cancel", "--all", "--limit", "2", "--dry-run"])).toMatchObject({
      count: 2,
    });
    expect(await cli.json(["jobs", "cancel", "--all", "--limit", "2", "--yes"])).toMatchObject({
      canceled: 2,
    });
    expect(await listed("--state", "queued")).toHaveLength(3);
  });

  test("an id has no use for the options of many jobs", async () => {
    const id = await enqueue();

    expect(await cli.failure(["jobs", "cancel", id, "--dry-run"])).toMatchObject({ exitCode: 2 });
    expect(await states(id)).toEqual(["queued"]);
  });
});
