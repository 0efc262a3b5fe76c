import { migrate, readMigrationStatus } from "@millrace/schema/migrations";
import { createTestDatabase, rounds, waitFor } from "@millrace/testpg";
import pg from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { anyTask, useWorkers } from "../use-workers.ts";
import { migrateBefore } from "./migrate-before.ts";

// Gives the workers of the new release, which are started on the upgraded database.
const workers = useWorkers();

/** The first migration that the release before does not have. */
const FIRST_NEW = "0014_roles_and_upgrades";

const JOBS = rounds({ usual: 400, long: 5_000 });

/** Opens a database as the release before left it. */
async function oldDatabase(): Promise<pg.Pool> {
  const fresh = await createTestDatabase({ serverUrl: inject("millraceTestDatabase").serverUrl });
  const pool = new pg.Pool({ connectionString: fresh.url, max: 12 });
  // end() resolves before the server has let go, and dropping the database cuts what is left.
  pool.on("error", () => undefined);
  onTestFinished(async () => {
    await pool.end();
    await fresh.drop();
  });
  await migrateBefore(pool, FIRST_NEW);
  return pool;
}

/**
 * A worker of the release before: it writes its row as that release did, and claims, renews and completes by the
 * statements that the two releases share. Ends after the round in which `isOver` is true.
 */
async function oldWorker(
  pool: pg.Pool,
  workerId: string,
  { completed, isOver }: { completed: string[]; isOver(): boolean },
) {
  const { runs } = createQueue(pool);
  while (!isOver()) {
    await pool.query(
      `INSERT INTO millrace.workers (worker_id, instance, queues, types, release, concurrency)
       VALUES ($1, gen_random_uuid(), '{default}', '{t}', '0.1.0', 8)
       ON CONFLICT (worker_id) DO UPDATE SET seen_at = now()`,
      [workerId],
    );
    const claimed = await runs.claim({
      workerId,
      queues: ["default"],
      types: ["t"],
      limit: 8,
      leaseSeconds: 30,
    });
    const refused = new Set((await runs.complete(claimed)).map(({ id }) => id));
    completed.push(...claimed.flatMap(({ id }) => (refused.has(id) ? [] : [id])));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("an upgrade under load loses no job, and no job ends twice", async () => {
  const pool = await oldDatabase();
  const queue = createQueue(pool);
  const enqueued: string[] = [];
  const completed: string[] = [];
  let isUpgraded = false;
  let endsAt = Number.POSITIVE_INFINITY;
  const isOver = () => completed.length >= endsAt;
  const producers = Array.from({ length: 3 }, async (_each, producer) => {
    for (let n = 0; n < JOBS || !isUpgraded; n += 1) {
      if (n % 3 === 0) {
        const { rows } = await pool.query("SELECT millrace.enqueue('t', $1, idempotency_key => $2) AS id", [
          { n },
          `sql-${producer}-${n}`,
        ]);
        enqueued.push(rows[0].id);
      } else {
        const options = n % 3 === 1 ? { idempotencyKey: `key-${producer}-${n}` } : {};
        enqueued.push(
          (await queue.enqueue("t", { n, text: n % 10 === 0 ? "x".repeat(3_000) : "" }, options)).id,
        );
      }
    }
  });
  const old = ["old-1", "old-2"].map((id) => oldWorker(pool, id, { completed, isOver }));
  await waitFor(() => completed.length > 50, { description: "the load to run" });

  const before = await readMigrationStatus(pool);
  const result = await migrate(pool);
  const atUpgrade = completed.length;
  isUpgraded = true;
  // Old workers go on after the upgrade, beside those of the new release.
  await waitFor(() => completed.length > atUpgrade + 50, {
    description: "old workers to complete after the upgrade",
  });
  endsAt = completed.length + 1;
  const ran: string[] = [];
  workers.start([anyTask("t", (_payload, { job }) => void ran.push(job.id))], { db: pool, concurrency: 8 });
  await Promise.all([...producers, ...old]);
  await waitFor(async () => (await queue.count({ state: "completed" })).count === enqueued.length, {
    description: "all jobs to be completed",
  });

  expect(before.workers.map(({ id, release }) => [id, release])).toEqual([
    ["old-1", "0.1.0"],
    ["old-2", "0.1.0"],
  ]);
  expect(result.applied).toBe(before.pending.length);
  expect([...completed, ...ran].sort()).toEqual([...enqueued].sort());
  expect(new Set(enqueued).size).toBe(enqueued.length);
  const { rows } = await pool.query("SELECT id FROM millrace.jobs WHERE state <> 'completed'");
  expect(rows).toEqual([]);
});
