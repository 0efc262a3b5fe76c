import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let queue: Queue;

beforeAll(() => {
  queue = createQueue(database.pool());
});

beforeEach(async () => {
  await database.pool().query(`TRUNCATE ${JOB_TABLES}, millrace.job_queues`);
});

test("sets what is given, keeps the rest, and shows it", async () => {
  const first = await cli.json(["queues", "set", "mail", "--timeout", "5m", "--backoff-base", "1s"]);
  const second = await cli.text(["queues", "set", "mail", "--retention", "7d", "--dead-letter", "dead"]);

  expect(first).toEqual({ queue: "mail", settings: { timeoutMs: 300_000, backoff: { baseMs: 1_000 } } });
  expect(second).toBe("Queue mail: timeout 5m, retention 7d, backoff base 1s, dead letter dead.\n");
  const settings = {
    timeoutMs: 300_000,
    retentionMs: 604_800_000,
    backoff: { baseMs: 1_000 },
    deadLetter: { type: "dead" },
  };
  expect(await queue.queueSettings("mail")).toEqual(settings);
  expect(await cli.json(["queues", "list"])).toMatchObject({ queues: [{ queue: "mail", settings }] });
  expect(await cli.text(["queues", "list"])).toMatch(/^mail .* timeout 5m, reten/m);
});

test("none takes a setting away, and --clear takes all", async () => {
  await queue.setQueue("mail", { timeoutMs: 1_000, retentionMs: 2_000 });

  expect(await cli.json(["queues", "set", "mail", "--timeout", "none"])).toMatchObject({
    settings: { retentionMs: 2_000 },
  });
  expect(await cli.text(["queues", "set", "mail", "--clear"])).toBe("Queue mail: no settings.\n");
  expect(await queue.queueSettings("mail")).toBeNull();
});

test("a dead letter without a type is bad usage, and nothing is set", async () => {
  expect(await cli.failure(["queues", "set", "mail", "--dead-letter-queue", "graves"])).toMatchObject({
    exitCode: 2,
    error: { code: "USAGE" },
  });
  expect(await queue.queueSettings("mail")).toBeNull();
});
