import type { Executor } from "@millrace/base";

/** Guarantees: reads only. Index: the primary keys, one probe each. NULL means: there is no job. */
const LAST = `
  SELECT greatest((SELECT j.id FROM millrace.jobs j ORDER BY j.id DESC LIMIT 1),
                  (SELECT j.id FROM millrace.job_history j ORDER BY j.id DESC LIMIT 1)) AS id`;

/** The id where a walk that begins now ends: the walk does not follow jobs that are enqueued during it. */
export async function lastJobId(db: Executor): Promise<string | null> {
  const { rows } = await db.query(LAST);
  return (rows as { id: string | null }[])[0]?.id ?? null;
}
