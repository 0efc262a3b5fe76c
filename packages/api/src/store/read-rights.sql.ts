import type { Executor } from "@millrace/base";

/** What the database's role of an API may do. */
export interface Rights {
  /** Whether it may read payloads and outputs. */
  json: boolean;
  /** Whether it may change anything: each change is recorded in the audit log. */
  writes: boolean;
}

/**
 * Guarantees: reads only. Without the millrace schema, all is allowed: the next statement tells what is missing.
 * Index: the indexes of the catalog.
 * No row: never.
 */
const READ = `
  SELECT coalesce(has_column_privilege(to_regclass('millrace.ended_jobs'), 'output', 'SELECT')
             AND has_column_privilege(to_regclass('millrace.job_payloads'), 'payload', 'SELECT'), true) AS json,
         coalesce(has_table_privilege(to_regclass('millrace.audit_log'), 'INSERT'), true) AS writes`;

/** Reads what the database's role may do. */
export async function readRights(db: Executor): Promise<Rights> {
  const { rows } = await db.query(READ);
  return (rows as Rights[])[0] ?? { json: true, writes: true };
}
