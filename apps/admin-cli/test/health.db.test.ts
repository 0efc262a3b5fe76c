import { createQueue, type Queue } from "@millrace/queue";
import { createTestDatabase } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import { runCommand } from "./run-command.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query("TRUNCATE millrace.waiting_jobs, millrace.claims, millrace.workers, millrace.job_queues");
});

const health = (...options: string[]) =>
  runCommand(["health", ...options], { env: { MILLRACE_DATABASE_URL: database.url } });

/** Writes the row of a worker that was seen so many seconds ago. */
async function insertWorker(workerId: string, secondsAgo = 0): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.workers (worker_id, queues, types, seen_at)
     VALUES ($1, '{idle}', '{never}', now() - $2 * interval '1 second')`,
    [workerId, secondsAgo],
  );
}

test("without a worker, the answer is no", async () => {
  const { exitCode, stdout } = await health();

  expect(exitCode).toBe(1);
  expect(stdout).toContain("ok   schema: ");
  expect(stdout).toContain("FAIL workers: no worker lives\n");
});

test("with a living worker, the answer is yes, for its host and its id alone", async () => {
  await insertWorker("web-1:42:abc");
  await insertWorker("web-3:42:abc", 40);

  expect((await health()).exitCode).toBe(0);
  expect((await health("--host", "web-1")).exitCode).toBe(0);
  expect((await health("--worker", "web-1:42:abc")).exitCode).toBe(0);
  expect((await health("--host", "web-2")).exitCode).toBe(1);
  expect((await health("--worker", "web-1")).exitCode).toBe(1);
  const gone = await health("--host", "web-3");
  expect(gone).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/the last one was seen .+ ago/),
  });
});

test("a job that waits too long fails the check if a limit is given", async () => {
  await queue.enqueue("t", {}, { queue: "mail", runAt: new Date(Date.now() - 3_600_000) });
  await insertWorker("w");

  const told = await health();
  expect(told.exitCode).toBe(0);
  expect(told.stdout).toContain("of the queue mail, has waited for 1h");
  expect((await health("--max-wait", "2h")).exitCode).toBe(0);
  expect((await health("--max-wait", "10m")).exitCode).toBe(1);
  expect((await health("--max-wait", "10m", "--queue", "other")).exitCode).toBe(0);
  await queue.pause("mail");
  expect((await health("--max-wait", "10m")).exitCode).toBe(0);
});

test("scripts get each check by its name", async () => {
  const { exitCode, stdout } = await health("--json");

  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    healthy: false,
    checks: [
      { name: "schema", ok: true },
      { name: "workers", ok: false },
      { name: "leases", ok: true },
      { name: "waiting", ok: true },
    ],
  });
});

test("a database without the schema is told, and nothing more is asked of it", async () => {
  const empty = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });

  const { exitCode, stdout } = await runCommand(["health"], { env: { MILLRACE_DATABASE_URL: empty.url } });

  expect(exitCode).toBe(1);
  expect(stdout).toBe("FAIL schema: the schema is missing; run `millrace migrate`\n");
  await empty.drop();
});
