import type { JsonValue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import type { FileDatabase } from "@millrace/testpg/vitest";
import type { Pool, PoolClient } from "pg";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { viewRefreshTask } from "../src/tasks/view-refresh.ts";
import { runTask } from "./run-task.ts";

/** The views of a test file, and `view.refresh` for them. */
export interface TestViews {
  readonly pool: Pool;
  /** What the configuration of `refresh` names. */
  readonly named: readonly string[];
  /** Runs `view.refresh`. */
  refresh(payload: JsonValue, signal?: AbortSignal): Promise<unknown>;
  /** The totals that a view shows. Default: `sales`. */
  totals(view?: string): Promise<number[]>;
  /** The rows of `view_refreshes` about a view. Default: `sales`. */
  refreshesOf(view?: string): Promise<Record<string, unknown>[]>;
  /** A connection that is closed after the test. */
  connect(): Promise<PoolClient>;
  /** Closes the gate of views that read `gate()`: their refreshes wait. Opens at the call of the result. */
  closeGate(): Promise<() => Promise<void>>;
  /** How many refreshes wait at the gate. */
  atGate(): Promise<number>;
  untilAtGate(count?: number): Promise<unknown>;
}

/**
 * Gives a test file a table `orders`, a view `sales` of it, and a view `gated`, as they are before each test.
 */
export function useViews(database: FileDatabase): TestViews {
  let pool: Pool;
  const connections: PoolClient[] = [];
  const named = ["sales", "gated", "absent", "orders", '"Odd ""schema"."x""; DROP TABLE orders; --"'];
  beforeAll(async () => {
    pool = database.pool({ max: 14 });
    await pool.query(`
      CREATE FUNCTION gate() RETURNS int LANGUAGE plpgsql VOLATILE AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN 1; END $$`);
  });
  beforeEach(() =>
    pool.query(`
      DROP TABLE IF EXISTS orders CASCADE;
      DROP MATERIALIZED VIEW IF EXISTS gated;
      DELETE FROM millrace.view_refreshes;
      CREATE TABLE orders (id int, total int);
      INSERT INTO orders VALUES (1, 10);
      CREATE MATERIALIZED VIEW sales AS SELECT id, total FROM orders;
      CREATE MATERIALIZED VIEW gated AS SELECT gate() AS id WITH NO DATA`),
  );
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.release(true);
  });
  const connect = async () => {
    const connection = await pool.connect();
    connections.push(connection);
    return connection;
  };
  const atGate = async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
       AND query LIKE 'REFRESH%'`,
    );
    return rowCount ?? 0;
  };
  return {
    get pool() {
      return pool;
    },
    named,
    refresh: (payload, signal) => runTask(viewRefreshTask({ pool, refreshViews: named }), payload, signal),
    async totals(view = "sales") {
      const { rows } = await pool.query<{ total: number }>(`SELECT total FROM ${view} ORDER BY id, total`);
      return rows.map((row) => row.total);
    },
    async refreshesOf(view = "sales") {
      const { rows } = await pool.query(
        `SELECT schema_name, job_id, concurrent, error, refreshed_at, size_bytes::int AS size_bytes,
                finished_at >= started_at AS ends_later
         FROM millrace.view_refreshes WHERE view_name = $1`,
        [view],
      );
      return rows;
    },
    connect,
    async closeGate() {
      const gate = await connect();
      await gate.query("SELECT pg_advisory_lock(7)");
      return async () => void (await gate.query("SELECT pg_advisory_unlock(7)"));
    },
    atGate,
    untilAtGate: (count = 1) =>
      waitFor(async () => (await atGate()) === count, { description: `${count} refreshes at the gate` }),
  };
}

/** Returns what a promise resolves with, or what it rejects with. */
export const settled = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
