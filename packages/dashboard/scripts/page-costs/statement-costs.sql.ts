import { readFileSync } from "node:fs";
import type { Pool } from "pg";

/** The role of the dashboard that is measured. What other roles do is not counted. */
export const MEASURED_ROLE = "measured_dashboard";

/** What the statements of a page cost the database. */
export interface Cost {
  readonly statements: number;
  /**
   * The processor time of the dashboard's sessions, with their beginning. On a machine with other work, this says more
   * than the time that passed. 0 where the machine is no Linux.
   */
  readonly cpuMs: number;
  /** The time that passed in planning and executing all statements. */
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
 * Index: none; pg_stat_statements and pg_stat_activity are in memory.
 * No row: never in the last statement; without a statement of the dashboard, all sums are 0.
 */
export async function readCosts(pool: Pool): Promise<Cost> {
  const sessions = await pool.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE usename = $1", [
    MEASURED_ROLE,
  ]);
  const cpuMs = sessions.rows.reduce((sum, { pid }) => sum + processCpuMs(pid), 0);
  const { rows } = await pool.query<Omit<Cost, "cpuMs">>(
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
  return { ...cost, cpuMs };
}

/** For how many ms a process has had a processor. */
function processCpuMs(pid: number): number {
  if (process.platform !== "linux") return 0;
  const [ns] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
  return Number(ns) / 1_000_000;
}
