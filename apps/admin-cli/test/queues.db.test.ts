import { createQueue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`);
});

describe("queues pause and resume", () => {
  test("stop and start what workers claim, and say whether that changed anything", async () => {
    const queue = createQueue(pool);
    await queue.enqueue("send", {}, { queue: "mail" });
    const claim = () => queue.runs.claim({ queues: ["mail"], workerId: "w", limit: 1, leaseSeconds: 30 });

    expect(await cli.json(["queues", "pause", "mail"])).toEqual({ queue: "mail", outcome: "paused" });
    expect(await cli.json(["queues", "pause", "mail"])).toEqual({ queue: "mail", outcome: "unchanged" });
    expect(await claim()).toEqual([]);

    expect(await cli.json(["queues", "resume", "mail"])).toEqual({ queue: "mail", outcome: "resumed" });
    expect(await cli.json(["queues", "resume", "mail"])).toEqual({ queue: "mail", outcome: "unchanged" });
    expect(await claim()).toHaveLength(1);
  });

  test("tell people what they did, without control characters", async () => {
    expect(await cli.text(["queues", "pause", "ma\u001bil"])).toBe("Paused queue ma\\u001bil.\n");
    expect(await cli.text(["queues", "pause", "ma\u001bil"])).toMatch(/was paused already\.\n$/);
    expect(await cli.text(["queues", "resume", "ma\u001bil"])).toBe("Resumed queue ma\\u001bil.\n");
    expect(await cli.text(["queues", "resume", "mail"])).toBe("Queue mail was not paused.\n");
  });

  test("refuse a name that no queue can have, as a usage error", async () => {
    expect(await cli.failure(["queues", "pause", "x".repeat(101)])).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE" },
    });
    expect(await cli.failure(["queues", "resume", ""])).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE" },
    });
  });
});

describe("queues list", () => {
  test("no queues are an empty list, and people are told so", async () => {
    expect(await cli.json(["queues", "list"])).toEqual({ queues: [] });
    expect(await cli.text(["queues", "list"])).toBe("No queues.\n");
  });

  test("shows those with jobs and those paused, by name", async () => {
    await createQueue(pool).enqueueMany([
      { type: "send", queue: "mail" },
      { type: "send", queue: "mail", delayMs: 3_600_000 },
    ]);
    await cli.json(["queues", "pause", "empty"]);

    expect(await cli.json(["queues", "list"])).toEqual({
      queues: [
        {
          queue: "empty",
          pausedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          queued: 0,
          running: 0,
          due: 0,
          oldestDueMs: null,
          settings: null,
        },
        {
          ...{ queue: "mail", pausedAt: null, queued: 2, running: 0, due: 1 },
          ...{ oldestDueMs: expect.any(Number), settings: null },
        },
      ],
    });
    const [head, empty, mail] = (await cli.text(["queues", "list"])).split("\n");
    expect(head).toMatch(/^QUEUE +PAUSED +QUEUED +RUNNING +DUE +OLDEST +SETTINGS$/);
    expect(empty).toMatch(/^empty +(now|\d+ s ago) +0 /);
    expect(mail).toMatch(/^mail +- +2 /);
  });
});
