import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { examine } from "../src/doctor/examine.ts";
import { snapshotHolders } from "../src/store/snapshot-holders.sql.ts";
import { ownDatabase, problems } from "./own-database.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("the health of a database", () => {
  test("an index whose build failed is told", async () => {
    const own = await ownDatabase();
    await own.query("INSERT INTO millrace.job_queues (name) VALUES ('a'), ('b')");
    await own
      .query("CREATE UNIQUE INDEX CONCURRENTLY broken ON millrace.job_queues ((1))")
      .catch(() => undefined);

    const { findings } = await examine(own);

    expect(findings).toContainEqual(
      expect.objectContaining({
        code: "INDEX_INVALID",
        object: "millrace.broken",
        repair: "REINDEX INDEX CONCURRENTLY millrace.broken;",
      }),
    );
  });

  test("leases that nobody recovers are told", async () => {
    const own = await ownDatabase();
    await own.query(
      `INSERT INTO millrace.claims (lease_token, worker_id, queue, priority, lease_until, ids, types, payloads, run_ats,
         created_ats, attempts, max_attempts, crashes)
       VALUES (1, 'w', 'q', 0, now() - interval '5 minutes', ARRAY[gen_random_uuid()], '{t}', '{null}',
         ARRAY[now()], ARRAY[now()], '{1}', '{1}', '{0}')`,
    );

    expect(await problems(own)).toMatchObject([
      { code: "LEASES_OVERDUE", text: expect.stringMatching(/5m/) },
    ]);
  });

  test("a queue whose due jobs no worker claims is told", async () => {
    const own = await ownDatabase();
    await own.query(
      `INSERT INTO millrace.jobs (queue, type, payload, run_at)
       VALUES ('mial', 't', '{}', now() - interval '5 minutes')`,
    );
    const told = async () =>
      (await examine(own)).findings.filter(({ code }) => code === "QUEUE_WITHOUT_WORKER");

    expect(await told()).toMatchObject([
      { object: "queue mial", text: expect.stringMatching(/^1 job .* 5m/) },
    ]);
    await own.query(
      "INSERT INTO millrace.workers (worker_id, queues, types, seen_at) VALUES ('w', '{mial}', '{t}', now())",
    );
    expect(await told()).toEqual([]);
  });

  test("the settings of a role are told with the role", async () => {
    const own = await ownDatabase();
    const { rows } = await own.query("SELECT current_database() AS name");
    await own.query(`ALTER DATABASE ${rows[0].name} SET statement_timeout = '5s'`);
    await own.query(`ALTER DATABASE ${rows[0].name} SET idle_in_transaction_session_timeout = '1s'`);

    const found = await problems(own);

    expect(found).toMatchObject([
      { code: "IDLE_IN_TRANSACTION_SHORT", object: "idle_in_transaction_session_timeout of every role" },
      { code: "TIMEOUT_SHORT", object: "statement_timeout of every role" },
    ]);
  });

  test("who holds a snapshot is found", async () => {
    const holder = await pool.connect();
    onTestFinished(async () => {
      await holder.query("ROLLBACK");
      holder.release();
    });
    await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const { rows } = await holder.query("SELECT pg_backend_pid()::text AS pid FROM millrace.jobs LIMIT 1");
    const pid = rows[0]?.pid ?? (await holder.query("SELECT pg_backend_pid()::text AS pid")).rows[0].pid;

    expect(await snapshotHolders(pool, { heldMs: 0, transactions: 1_000_000 })).toContainEqual(
      expect.objectContaining({
        kind: "session",
        name: pid,
        state: "idle in transaction",
        heldMs: expect.any(Number),
      }),
    );
    expect(await snapshotHolders(pool, { heldMs: 3_600_000, transactions: 1_000_000 })).toEqual([]);
  });
});
