import type { FinalState } from "@millrace/schema";
import type { Executor } from "./queryable.ts";

/** What one step of pruning did, and where the next begins; `after` is null when the walk is over. */
export interface PruneStep {
  deleted: number;
  after: string | null;
}

/**
 * Guarantees: deletes only finished jobs of that age, with their attempts. Walks the primary key in bounded steps,
 * so that no index has to be kept for it; rows that are locked are left for the next walk.
 */
const PRUNE = `
  WITH step AS MATERIALIZED (
    SELECT j.id, j.state, j.updated_at FROM millrace.jobs j
    WHERE ($1::uuid IS NULL OR j.id > $1) ORDER BY j.id LIMIT $2
  ), old AS MATERIALIZED (
    SELECT j.id FROM millrace.jobs j
    WHERE j.id IN (SELECT step.id FROM step
                   WHERE step.state = ANY($3::text[]) AND step.updated_at < now() - $4 * interval '1 ms')
      AND j.state = ANY($3::text[])
    FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM millrace.jobs j USING old WHERE j.id = old.id RETURNING j.id
  ), past AS (
    DELETE FROM millrace.job_attempts a USING gone WHERE a.job_id = gone.id
  )
  SELECT (SELECT count(*) FROM gone)::int AS deleted,
         (SELECT step.id FROM step ORDER BY step.id DESC LIMIT 1) AS after`;

/** Which finished jobs a step looks at. */
export interface PruneStepOptions {
  after: string | null;
  batchSize: number;
  states: readonly FinalState[];
  olderThanMs: number;
}

/** One bounded step of pruning. */
export async function pruneJobs(db: Executor, options: PruneStepOptions): Promise<PruneStep> {
  const { rows } = await db.query(PRUNE, [
    options.after,
    options.batchSize,
    options.states,
    options.olderThanMs,
  ]);
  return (rows as PruneStep[])[0] ?? { deleted: 0, after: null };
}
