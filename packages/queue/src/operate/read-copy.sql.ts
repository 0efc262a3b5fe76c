import type { Executor } from "@millrace/base";

/**
 * The columns of a job `j` that its copy gets. In the view, `settings` has the tags and the metadata, too. A run of the
 * copy is linked to the trace of the job, and is never a part of it: the copy is made later.
 */
const COPIED = `j.type, j.queue, j.priority, j.max_attempts, j.payload::text AS payload,
         nullif(coalesce(j.settings, '{}') - '{startBy,tickAt,after}'::text[]
           || CASE WHEN j.settings ? 'traceparent' THEN '{"traceLinkOnly": true}' ELSE '{}' END::jsonb,
           '{}')::text AS settings`;

/**
 * Guarantees: reads only. A job that moves during the statement is found once.
 * Index: the primary keys of waiting_jobs and ended_jobs. Reads the ids of all claims; unpacks only the job's claim.
 * No row: no job has this id.
 */
const COPY = `
  SELECT ${COPIED} FROM millrace.jobs j WHERE j.id = $1 AND j.state <> 'running'
  UNION ALL
  SELECT ${COPIED} FROM millrace.running_jobs j WHERE j.id = $1 AND $1 = ANY(j.claim_ids)`;

/** The fields of a job that its copy gets. */
export interface CopiedJob {
  type: string;
  queue: string;
  priority: number;
  maxAttempts: number;
  /** JSON text, as PostgreSQL writes it: no number is rounded. */
  payload: string;
  /** JSON text, or null. Without `startBy`, the tick and the job that the job waited for. */
  settings: string | null;
}

/** Reads the fields of a job that its copy gets. Returns null if no job has this id. */
export async function readCopy(db: Executor, id: string): Promise<CopiedJob | null> {
  const { rows } = await db.query(COPY, [id]);
  const [row] = rows as (Omit<CopiedJob, "maxAttempts"> & { max_attempts: number })[];
  if (row === undefined) return null;
  const { max_attempts: maxAttempts, ...rest } = row;
  return { ...rest, maxAttempts };
}
