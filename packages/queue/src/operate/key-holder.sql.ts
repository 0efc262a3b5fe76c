import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads only.
 * Index: the primary key of job_keys.
 * No row: no job has the key.
 */
const HOLDER = "SELECT k.job_id AS id FROM millrace.job_keys k WHERE k.key = $1";

/** Returns the id of the job that has an idempotency key; null if none has. */
export async function keyHolder(db: Executor, key: string): Promise<string | null> {
  const { rows } = await db.query(HOLDER, [key]);
  return (rows as { id: string }[])[0]?.id ?? null;
}
