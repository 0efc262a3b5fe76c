import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
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
  await pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_queues, millrace.audit_log; DELETE FROM millrace.job_schedules`,
  );
});

async function queued(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await queue.enqueue("send", {}, { delayMs: 3_600_000 });
}

const canceled = async () => (await queue.list({ state: "canceled" })).length;
const ADA = ["--as", "ada"];

/** Runs a command line for a person who gives this answer to a question. */
async function answering(answer: string, argv: readonly string[]) {
  const asked: string[] = [];
  const terminal = {
    ask: async (question: string) => {
      asked.push(question);
      return answer;
    },
  };
  const ended = await runCommand(argv, { env: { DATABASE_URL: database.url }, terminal });
  return { ...ended, asked };
}

describe("undo", () => {
  test("of a bulk command, as its answer says", async () => {
    await queued(3);
    const text = await cli.text(["jobs", "cancel", "--all", "--yes", ...ADA]);
    const [, commandId = ""] =
      /^Canceled 3 jobs, in .+\.\nTo undo it within 10 minutes: millrace undo (\S+)\n$/.exec(text) ?? [];

    expect(await cli.text(["undo", commandId, "--yes", ...ADA])).toMatch(
      /^Undid cancelMany by ada with "millrace jobs cancel", (now|\d+ s ago), in .+: 3 were restored\.\n$/,
    );

    expect(await canceled()).toBe(0);
    expect(await queue.audit({ limit: 1 })).toMatchObject([
      { who: "ada", via: "millrace undo", action: "undo", filter: { commandId }, changed: 3 },
    ]);
  });

  test("--dry-run changes nothing, and tells what has moved on", async () => {
    await queued(3);
    const { commandId } = (await cli.json(["jobs", "cancel", "--all", "--yes", ...ADA])) as {
      commandId: string;
    };
    const [first] = await queue.list();
    await queue.retry(first?.id ?? "");

    const text = await cli.text(["undo", commandId, "--dry-run"]);
    const document = await cli.json(["undo", commandId, "--dry-run"]);

    expect(text).toMatch(/: 2 would be restored, and 1 has moved on and stays as now\.\n$/);
    expect(document).toEqual({ dryRun: true, commandId, restored: 2, left: 1 });
    expect(await canceled()).toBe(2);
  });

  test("--last takes the last command of whoever gives it, and refuses it the second time", async () => {
    await cli.text(["queues", "pause", "mine", ...ADA]);
    await cli.text(["queues", "pause", "theirs", "--as", "eve"]);

    expect(await cli.json(["undo", "--last", "--yes", ...ADA])).toMatchObject({ restored: 1, left: 0 });
    expect((await queue.queues()).filter((each) => each.pausedAt !== null)).toMatchObject([
      { queue: "theirs" },
    ]);
    expect(await cli.failure(["undo", "--last", "--yes", ...ADA])).toMatchObject({
      exitCode: 1,
      error: { code: "NOT_UNDOABLE", message: expect.stringContaining("it has been undone already") },
    });
    expect(await cli.failure(["undo", "--last", "--yes", "--as", "bob"])).toMatchObject({
      exitCode: 2,
      error: { message: "The audit log has no command of bob." },
    });
  });

  test("of a command on a schedule", async () => {
    const schedules = createSchedules(pool);
    await schedules.create({ name: "x", cron: "@daily", jobType: "t" });
    await cli.text(["schedules", "disable", "x", ...ADA]);

    expect(await cli.json(["undo", "--last", "--yes", ...ADA])).toMatchObject({ restored: 1, left: 0 });

    expect((await schedules.get("x")).enabled).toBe(true);
  });

  test("asks, and does nothing without a yes", async () => {
    await queued(1);
    await cli.text(["jobs", "cancel", "--all", "--yes", ...ADA]);
    const argv = ["undo", "--last", ...ADA];

    const no = await answering("no", argv);
    expect(no.exitCode).toBe(1);
    expect(no.asked).toEqual([expect.stringMatching(/1 would be restored\.\nUndo it\? \[y\/N\] $/)]);
    expect(await canceled()).toBe(1);
    expect((await answering("y", argv)).exitCode).toBe(0);
    expect(await canceled()).toBe(0);
  });

  test.each([
    ["neither an id nor --last", ["undo"], "Give the id of a command, or --last for your last one."],
    [
      "both",
      ["undo", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f", "--last"],
      "Give the id of a command, or --last for your last one.",
    ],
    ["a word", ["undo", "it"], "Expected the id of a command"],
  ])("refuses %s", async (_name, argv, message) => {
    expect(await cli.failure(argv)).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE", message: expect.stringContaining(message) },
    });
  });
});
