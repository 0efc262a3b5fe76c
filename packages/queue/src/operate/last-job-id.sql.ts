import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads only.
 * Index: the primary keys of waiting_jobs and ended_jobs, one probe each; reads the ids of all claims.
 * No row: never; the id is NULL if there is no job.
 */
const LAST = `
  SELECT greatest((SELECT j.id FROM millrace.waiting_jobs j ORDER BY j.id DESC LIMIT 1),
                  (SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) AS job(id) ORDER BY job.id DESC LIMIT 1),
                  (SELECT j.id FROM millrace.ended_jobs j ORDER BY j.id DESC LIMIT 1)) AS id`;

/**
 * Returns the greatest job id. A walk that begins now ends there, and leaves out jobs that are enqueued during the
 * walk.
 */
export async function lastJobId(db: Executor): Promise<string | null> {
  const { rows } = await db.query(LAST);
  return (rows as { id: string | null }[])[0]?.id ?? null;
}
