import { readFileSync } from "node:fs";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("the settings of tables", () => {
  test.each([
    ["waiting_jobs", ["autovacuum_vacuum_scale_factor=0.01", "autovacuum_vacuum_threshold=5000"]],
    [
      "claims",
      ["toast_tuple_target=256", "autovacuum_vacuum_scale_factor=0.05", "autovacuum_vacuum_threshold=1000"],
    ],
    ["ended_jobs", ["autovacuum_vacuum_scale_factor=0.05", "autovacuum_vacuum_threshold=10000"]],
  ])("%s is vacuumed long before a fifth of it is dead", async (table, settings) => {
    const { rows } = await pool.query("SELECT reloptions FROM pg_class WHERE oid = $1::regclass", [
      `millrace.${table}`,
    ]);

    expect(rows).toEqual([{ reloptions: settings }]);
  });

  test("the arrays of claims, which are stored out of line, are vacuumed as early", async () => {
    const { rows } = await pool.query(
      `SELECT t.reloptions FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid
       WHERE c.oid = 'millrace.claims'::regclass`,
    );

    expect(rows).toEqual([
      { reloptions: ["autovacuum_vacuum_scale_factor=0.05", "autovacuum_vacuum_threshold=5000"] },
    ]);
  });

  test("are set without waiting for claims and enqueues under way, and do not make others wait", async () => {
    // The tables have other names since.
    const migration = readFileSync(new URL("../migrations/0004_table_settings.sql", import.meta.url), "utf8")
      .replace('"jobs"', '"waiting_jobs"')
      .replace('"job_history"', '"ended_jobs"');
    const [worker, migrating] = await Promise.all([pool.connect(), pool.connect()]);
    try {
      await worker.query(
        "BEGIN; INSERT INTO millrace.jobs (type) VALUES ('t'); SELECT FROM millrace.waiting_jobs FOR UPDATE",
      );
      // What would wait for the other transaction would wait for ever: both are held until the end of the test.
      await migrating.query("BEGIN; SET LOCAL lock_timeout = '20s'");
      await migrating.query(migration);

      await worker.query("SET LOCAL lock_timeout = '20s'");
      await worker.query("UPDATE millrace.waiting_jobs SET priority = 1");
    } finally {
      await Promise.all([worker.query("ROLLBACK"), migrating.query("ROLLBACK")]);
      worker.release();
      migrating.release();
    }
  });
});
