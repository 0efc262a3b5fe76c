import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { Queue as BullQueue, createPostgresBackend } from "bullmq";
import { runMigrations } from "graphile-worker";
import type pg from "pg";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allBlocks } from "../src/block/write-programs.ts";
import { GENERATED } from "../src/folders.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
});

const FOLDER = join(GENERATED, `coming-from-${process.pid}`);

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** The SQL of a page, in its order. */
function scripts(page: string): string[] {
  const found = allBlocks().filter(
    ({ source, language }) => source === `docs/coming-from/${page}.md` && language === "sql",
  );
  return found.map(({ code }) => code);
}

test("the script moves the jobs of graphile-worker that wait, and leaves those that run or have failed", async () => {
  await runMigrations({ pgPool: pool });
  await pool.query(`
    SELECT graphile_worker.add_job('mail', '{"to": "ada"}', job_key => 'welcome:ada', priority => 3, max_attempts => 7);
    SELECT graphile_worker.add_job('mail', '[1, 2]', run_at => '2099-01-01');
    SELECT graphile_worker.add_job('report', '{"n": 1}', queue_name => 'serial');
    SELECT graphile_worker.add_job('running', '{}');
    SELECT graphile_worker.add_job('failed', '{}', max_attempts => 1);
    UPDATE graphile_worker._private_jobs SET attempts = 2 WHERE key = 'welcome:ada';
    UPDATE graphile_worker._private_jobs AS job SET locked_at = now(), locked_by = 'w'
      FROM graphile_worker._private_tasks AS task WHERE task.id = job.task_id AND task.identifier = 'running';
    UPDATE graphile_worker._private_jobs AS job SET attempts = 1
      FROM graphile_worker._private_tasks AS task WHERE task.id = job.task_id AND task.identifier = 'failed';
  `);

  const [script = ""] = scripts("graphile-worker");
  expect((await pool.query(script)).rows).toEqual([{ moved: "3" }]);

  const jobs = (await createQueue(pool).list({})).toReversed();
  expect(jobs).toMatchObject([
    { type: "mail", payload: { to: "ada" }, priority: 3, maxAttempts: 5, idempotencyKey: "welcome:ada" },
    { type: "mail", payload: [1, 2], runAt: new Date("2099-01-01T00:00:00Z"), maxAttempts: 25 },
    { type: "report", payload: { n: 1 }, state: "queued" },
  ]);
  const left = await pool.query("SELECT count(*)::int AS jobs FROM graphile_worker._private_jobs");
  expect(left.rows).toEqual([{ jobs: 2 }]);
});

test("the scripts move the jobs and schedules of pg-boss, and leave jobs that run or have ended", async () => {
  const boss = new PgBoss({ connectionString: database.url, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue("mail");
  await boss.send("mail", { to: "ada" }, { priority: 5, retryLimit: 4, singletonKey: "ada" });
  await boss.send("mail", null, { startAfter: new Date("2099-01-01T00:00:00Z") });
  await boss.createQueue("active");
  await boss.send("active", {});
  await boss.fetch("active");
  await boss.schedule("mail", "0 8 * * *", { to: "all" }, { tz: "Europe/Berlin" });
  await boss.stop({ graceful: false });

  const [moveJobs = "", moveSchedules = ""] = scripts("pg-boss");
  const before = await createQueue(pool).list({ type: "mail" });
  expect((await pool.query(moveJobs)).rows).toEqual([{ moved: "2" }]);
  await pool.query(moveSchedules);

  const known = new Set(before.map(({ id }) => id));
  const jobs = (await createQueue(pool).list({ type: "mail" }))
    .filter(({ id }) => !known.has(id))
    .toReversed();
  expect(jobs).toMatchObject([
    { payload: { to: "ada" }, priority: -5, maxAttempts: 5, idempotencyKey: "mail:ada" },
    { payload: {}, runAt: new Date("2099-01-01T00:00:00Z"), maxAttempts: 3 },
  ]);
  expect(await createSchedules(pool).list()).toMatchObject([
    { name: "mail", jobType: "mail", payload: { to: "all" }, cron: "0 8 * * *", timezone: "Europe/Berlin" },
  ]);
  const left = await pool.query("SELECT name, state::text FROM pgboss.job WHERE name NOT LIKE '\\_\\_%'");
  expect(left.rows).toEqual([{ name: "active", state: "active" }]);
});

type MoveJobs = (from: Pick<BullQueue, "name" | "getJobs">, to: Queue) => Promise<number>;

/** The function of the page that moves the jobs of BullMQ. */
async function movesJobs(): Promise<MoveJobs> {
  const block = allBlocks().find(({ code }) => code.startsWith("// move-jobs.ts\n"));
  const file = join(FOLDER, "move-jobs.ts");
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, block?.code ?? "");
  const module: { moveJobs: MoveJobs } = await import(file);
  return module.moveJobs;
}

test("the program moves the jobs of BullMQ that wait, and moves none of them twice", async () => {
  const connection = { connectionString: database.url, max: 2, migrate: true };
  const from = new BullQueue("mail", { connection }, createPostgresBackend);
  from.on("error", () => undefined);
  await from.waitUntilReady();
  await from.add("welcome", { to: "ada" }, { attempts: 4 });
  await from.add("welcome", { to: "bob" }, { priority: 7 });
  await from.add("digest", { to: "all" }, { delay: 86_400_000 });
  const moveJobs = await movesJobs();
  const queue = createQueue(pool);

  expect(await moveJobs(from, queue)).toBe(3);
  await moveJobs(from, queue);

  await from.close();
  const jobs = await queue.list({ queue: "mail" });
  expect(jobs.toReversed()).toMatchObject([
    { type: "welcome", payload: { to: "ada" }, priority: 0, maxAttempts: 4 },
    { type: "welcome", payload: { to: "bob" }, priority: 7, maxAttempts: 1 },
    { type: "digest", payload: { to: "all" }, state: "queued" },
  ]);
  const [delayed] = jobs;
  expect(delayed?.runAt?.getTime()).toBeGreaterThan((delayed?.createdAt.getTime() ?? 0) + 80_000_000);
});
