import type { Pool } from "pg";

/** The role of the dashboard that is measured. What other roles do is not counted. */
export const MEASURED_ROLE = "measured_dashboard";

/** What the statements of a page cost the database. */
export interface Cost {
  readonly statements: number;
  /** Planning and execution of all statements. */
  readonly ms: number;
  /** The blocks of 8 kB that were looked at, in the buffers or not. */
  readonly blocks: number;
  /** The statement that took longest, and its time. */
  readonly slowest: string;
  readonly slowestMs: number;
}

/**
 * Makes the role of the measured dashboard, and the record of what statements cost.
 *
 * Guarantees: not made twice; the second call fails.
 * Index: none.
 * No row: always.
 */
export async function prepareMeasuring(pool: Pool): Promise<void> {
  await pool.query(`CREATE ROLE ${MEASURED_ROLE} LOGIN SUPERUSER`);
  await pool.query("CREATE EXTENSION pg_stat_statements");
}

/**
 * Forgets what statements cost so far.
 *
 * Guarantees: of all roles.
 * Index: none.
 * No row: never looked at.
 */
export async function forgetCosts(pool: Pool): Promise<void> {
  await pool.query("SELECT pg_stat_statements_reset()");
}

/**
 * Adds up what the measured dashboard's statements cost since `forgetCosts`.
 *
 * Guarantees: reads only.
 * Index: none; pg_stat_statements is in memory.
 * No row: never; without a statement, all sums are 0.
 */
export async function readCosts(pool: Pool): Promise<Cost> {
  const { rows } = await pool.query<Cost>(
    `SELECT coalesce(sum(calls), 0)::int AS statements,
            coalesce(sum(total_exec_time + total_plan_time), 0)::float8 AS ms,
            coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 AS blocks,
            coalesce(
              (array_agg(regexp_replace(query, '\\s+', ' ', 'g') ORDER BY max_exec_time DESC))[1], '') AS slowest,
            coalesce(max(max_exec_time), 0)::float8 AS "slowestMs"
     FROM pg_stat_statements WHERE userid = $1::regrole`,
    [MEASURED_ROLE],
  );
  const [cost] = rows;
  if (cost === undefined) throw new Error("a sum has a row");
  return cost;
}
