import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { displayWidth } from "../src/output/display-width.ts";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);

/** As long as names may be, with wide characters. */
const LONG = `${"nachrichten-".repeat(7)}日本語日本語`;

beforeAll(async () => {
  const pool = database.pool();
  const queue = createQueue(pool, { audit: { who: LONG.repeat(2), via: LONG.repeat(2) } });
  await queue.enqueue(LONG, {}, { queue: LONG });
  await queue.runs.fail(
    (await queue.runs.claim({ queues: [LONG], workerId: LONG, limit: 1, leaseSeconds: 30 })).map((run) => ({
      ...run,
      error: `${"something went wrong, ".repeat(50)}\n  at x`,
      retryInMs: null,
    })),
  );
  await queue.enqueue(LONG, {}, { queue: LONG });
  await queue.runs.claim({ queues: [LONG], workerId: LONG, limit: 1, leaseSeconds: 30 });
  await queue.enqueue(LONG, {}, { queue: LONG, delayMs: 86_400_000_000 });
  await queue.setQueue(LONG, { timeoutMs: 1_000, retentionMs: 1_000, deadLetter: { type: LONG } });
  await queue.cancelMany({ queue: LONG, type: LONG, state: "queued" });
  await pool.query("INSERT INTO millrace.workers (worker_id, queues, types) VALUES ($1, $2, $2)", [
    LONG,
    [LONG, LONG],
  ]);
  await createSchedules(pool).create({
    ...{ name: LONG, jobType: LONG, queue: LONG, timezone: "America/Argentina/ComodRivadavia" },
    cron: "0,5,10,15,20,25,30,35,40,45,50,55 0,2,4,6,8,10,12,14,16,18,20,22 * * *",
  });
});

const COMMANDS: readonly (readonly string[])[] = [
  ["jobs", "list"],
  ["jobs", "list", "--state", "failed"],
  ["jobs", "list", "--state", "running"],
  ["jobs", "failures"],
  ["jobs", "stats"],
  ["queues", "list"],
  ["schedules", "list"],
  ["workers", "list"],
  ["audit", "list"],
  ["top"],
];

test.each(COMMANDS)("%s %s %s %s fits into 80 characters, whatever the names are", async (...argv) => {
  const given = argv.filter((word) => word !== undefined);
  for (const options of [[], ["--absolute"]]) {
    const text = await cli.text([...given, ...options]);
    const lines = text.split("\n").filter((line) => !line.startsWith("database "));

    expect(lines.filter((line) => displayWidth(line) > 80)).toEqual([]);
    expect(lines.length).toBeGreaterThan(2);
  }
});

test("a wider terminal shows more", async () => {
  const wide = await cli.text(["jobs", "list", "--state", "failed"], {
    terminal: { columns: () => 200 },
  });

  expect(Math.max(...wide.split("\n").map(displayWidth))).toBe(200);
});
