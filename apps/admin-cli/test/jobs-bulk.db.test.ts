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

/** A job in each state but completed, in a queue of its own, and a completed one in history. */
async function fill(name: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const state of ["completed", "failed", "running", "canceled", "queued"]) {
    const { id } = await queue.enqueue("send", {}, { queue: name });
    ids[state] = id;
    if (state === "canceled") await queue.cancel(id);
    if (state === "queued" || state === "canceled") continue;
    const claimed = await queue.runs.claim({ queues: [name], workerId: "w", limit: 1, leaseSeconds: 30 });
    if (state === "completed") await queue.runs.complete(claimed);
    if (state === "failed")
      await queue.runs.fail(claimed.map((run) => ({ ...run, error: "x", retryInMs: null })));
  }
  return ids;
}

async function states(name: string): Promise<string[]> {
  return (await queue.list({ queue: name })).map((job) => job.state).sort();
}

const ALL = ["canceled", "completed", "failed", "queued", "running"];

describe("jobs retry, cancel and delete with a filter", () => {
  beforeEach(async () => {
    await fill("mine");
    await fill("other");
  });

  test("retry queues failed and canceled jobs of the filter again, and no others", async () => {
    expect(await cli.json(["jobs", "retry", "--queue", "mine", "--yes"])).toEqual({
      queued: 2,
      skipped: 0,
      commandId: expect.any(String),
    });

    expect(await states("mine")).toEqual(["completed", "queued", "queued", "queued", "running"]);
    expect(await states("other")).toEqual(ALL);
  });

  test("retry --kind-of queues the failed jobs with the error of a job again", async () => {
    const fail = async (error: string): Promise<string> => {
      const { id } = await queue.enqueue("send", {}, { queue: "kinds" });
      const claimed = await queue.runs.claim({
        queues: ["kinds"],
        workerId: "w",
        limit: 1,
        leaseSeconds: 30,
      });
      await queue.runs.fail(claimed.map((run) => ({ ...run, error, retryInMs: null })));
      return id;
    };
    const like = [await fail("Error: timeout after 7 ms"), await fail("Error: timeout after 9 ms")];
    const unlike = await fail("Error: refused");
    const line = ["jobs", "retry", "--kind-of", like[0] ?? ""];

    expect(await cli.json([...line, "--dry-run"])).toMatchObject({ dryRun: true, count: 2 });
    expect(await cli.json([...line, "--yes"])).toEqual({
      queued: 2,
      skipped: 0,
      commandId: expect.any(String),
    });

    expect((await queue.list({ queue: "kinds", state: "queued" })).map(({ id }) => id).sort()).toEqual(
      like.sort(),
    );
    expect((await queue.get(unlike)).state).toBe("failed");
    expect(await cli.failure([...line, "--yes"])).toMatchObject({
      error: {
        code: "JOB_STATE",
        message: expect.stringContaining("it is queued, and only failed jobs have a kind"),
      },
    });
    expect(await cli.failure([...line, "--queue", "kinds"])).toMatchObject({
      error: { code: "USAGE", message: expect.stringContaining("--kind-of excludes") },
    });
  });

  test("cancel tells jobs that were canceled and those that were asked to stop apart", async () => {
    expect(await cli.json(["jobs", "cancel", "--queue", "mine", "--yes"])).toEqual({
      canceled: 1,
      cancelRequested: 1,
      skipped: 0,
      commandId: expect.any(String),
    });

    expect(await states("mine")).toEqual(["canceled", "canceled", "completed", "failed", "running"]);
    expect(await states("other")).toEqual(ALL);
  });

  test("delete leaves running jobs alone", async () => {
    expect(await cli.text(["jobs", "delete", "--queue", "mine", "--yes"])).toMatch(
      /^Deleted 4 jobs in database millrace_test_\w+ on \S+\.\n$/,
    );

    expect(await states("mine")).toEqual(["running"]);
    expect(await states("other")).toEqual(ALL);
  });

  test("every option of a filter narrows it", async () => {
    const filter = ["--state", "failed", "--queue", "mine", "--type", "send"];
    const times = ["--created-before", "2100-01-01T00:00:00Z", "--finished-before", "2100-01-01T00:00:00Z"];

    expect(
      await cli.json(["jobs", "delete", ...filter, "--created-before", "2000-01-01T00:00:00Z", "--yes"]),
    ).toEqual({
      deleted: 0,
      skipped: 0,
      commandId: null,
    });
    expect(await cli.json(["jobs", "delete", ...filter, ...times, "--yes"])).toEqual({
      deleted: 1,
      skipped: 0,
      commandId: expect.any(String),
    });
    const schedule = ["--schedule-id", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f"];
    expect(await cli.json(["jobs", "delete", ...schedule, "--yes"])).toEqual({
      deleted: 0,
      skipped: 0,
      commandId: null,
    });
  });

  test("--all takes the place of a filter", async () => {
    expect(await cli.json(["jobs", "retry", "--all", "--yes"])).toEqual({
      queued: 4,
      skipped: 0,
      commandId: expect.any(String),
    });
  });

  test.each([
    ["no filter", [], "or --all for every job"],
    ["no filter, confirmed", ["--yes"], "or --all for every job"],
    ["a filter that is not confirmed", ["--queue", "mine"], "add --yes"],
    ["--all that is not confirmed", ["--all"], "add --yes"],
    ["--all and a filter", ["--all", "--queue", "mine", "--yes"], "exclude each other"],
    ["an id and a filter", ["0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f", "--queue", "mine"], "exclude each other"],
    ["a state it cannot be given to", ["--state", "sleeping", "--yes"], "Allowed choices"],
  ])("%s is bad usage, and nothing is changed", async (_case, options, message) => {
    for (const verb of ["retry", "cancel", "delete"]) {
      const { exitCode, error } = await cli.failure(["jobs", verb, ...options]);

      expect(exitCode).toBe(2);
      expect(error).toMatchObject({ code: "USAGE", message: expect.stringContaining(message) });
    }
    expect(await states("mine")).toEqual(ALL);
  });
});

describe("jobs delete of one job", () => {
  test("deletes a finished job, and refuses a running one and one that is not there", async () => {
    const ids = await fill("mine");

    expect(await cli.json(["jobs", "delete", ids["completed"] ?? ""])).toEqual({
      id: ids["completed"],
      outcome: "deleted",
    });
    expect(await cli.failure(["jobs", "delete", ids["running"] ?? ""])).toMatchObject({
      exitCode: 1,
      error: { code: "JOB_STATE" },
    });
    expect(await cli.failure(["jobs", "delete", ids["completed"] ?? ""])).toMatchObject({
      exitCode: 1,
      error: { code: "JOB_NOT_FOUND" },
    });
    expect(await states("mine")).toEqual(["canceled", "failed", "queued", "running"]);
  });
});

describe("jobs prune", () => {
  test("deletes by age and by number, only of the state that is named", async () => {
    await fill("mine");
    await fill("other");

    expect(await cli.json(["jobs", "prune", "--older-than", "1h"])).toEqual({ deleted: 0 });
    expect(await cli.json(["jobs", "prune", "--keep-last", "1", "--state", "failed"])).toEqual({
      deleted: 1,
    });

    expect(await states("mine")).toEqual(["canceled", "completed", "queued", "running"]);
    expect(await states("other")).toEqual(ALL);
  });

  test("without a limit it is bad usage, and nothing is deleted", async () => {
    await fill("mine");

    expect(await cli.failure(["jobs", "prune"])).toMatchObject({ exitCode: 2, error: { code: "USAGE" } });

    expect(await states("mine")).toEqual(ALL);
  });
});
