import type { FinalState } from "@millrace/schema";
import { toState } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/** What one step of pruning did, and where the next begins; `after` is null when the walk is over. */
export interface PruneStep {
  deleted: number;
  after: string | null;
}

/** What is left of a finished job's rows differs by table; everything else about a step is the same. */
function pruneStatement(table: "jobs" | "job_history", finished: string): string {
  return `
  WITH step AS MATERIALIZED (
    SELECT j.id, ${finished} AS old FROM millrace.${table} j
    WHERE ($1::uuid IS NULL OR j.id > $1) ORDER BY j.id LIMIT $2
  ), old AS MATERIALIZED (
    SELECT j.id FROM millrace.${table} j
    WHERE j.id IN (SELECT step.id FROM step WHERE step.old) AND ${finished}
    FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM millrace.${table} j USING old WHERE j.id = old.id RETURNING j.id
  ), past AS (
    DELETE FROM millrace.job_attempts a USING gone WHERE a.job_id = gone.id
  )
  SELECT (SELECT count(*) FROM gone)::int AS deleted,
         (SELECT step.id FROM step ORDER BY step.id DESC LIMIT 1) AS after`;
}

/**
 * Guarantees: deletes only finished jobs of that age, with their attempts. Walks the primary key in bounded steps,
 * so that no index has to be kept for it; rows that are locked are left for the next walk.
 */
const PRUNE_JOBS = pruneStatement(
  "jobs",
  "(j.state = ANY($3::text[]) AND j.updated_at < now() - $4 * interval '1 ms')",
);
const PRUNE_HISTORY = pruneStatement(
  "job_history",
  `(${toState("complete")} = ANY($3::text[]) AND j.completed_at < now() - $4 * interval '1 ms')`,
);

/** Which finished jobs a step looks at. */
export interface PruneStepOptions {
  table: "jobs" | "job_history";
  after: string | null;
  batchSize: number;
  states: readonly FinalState[];
  olderThanMs: number;
}

/** One bounded step of pruning. */
export async function pruneJobs(db: Executor, options: PruneStepOptions): Promise<PruneStep> {
  const { rows } = await db.query(options.table === "jobs" ? PRUNE_JOBS : PRUNE_HISTORY, [
    options.after,
    options.batchSize,
    options.states,
    options.olderThanMs,
  ]);
  return (rows as PruneStep[])[0] ?? { deleted: 0, after: null };
}
