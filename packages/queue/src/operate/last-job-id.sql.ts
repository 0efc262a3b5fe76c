import type { Executor } from "@millrace/base";

/**
 * Guarantees: reads only.
 * Index: the primary keys of the two tables, one probe each; reads the ids of all claims.
 * No row: never. NULL means that there is no job.
 */
const LAST = `
  SELECT greatest((SELECT j.id FROM millrace.waiting_jobs j ORDER BY j.id DESC LIMIT 1),
                  (SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) AS job(id) ORDER BY job.id DESC LIMIT 1),
                  (SELECT j.id FROM millrace.ended_jobs j ORDER BY j.id DESC LIMIT 1)) AS id`;

/** The id where a walk that begins now ends: the walk does not follow jobs that are enqueued during it. */
export async function lastJobId(db: Executor): Promise<string | null> {
  const { rows } = await db.query(LAST);
  return (rows as { id: string | null }[])[0]?.id ?? null;
}
