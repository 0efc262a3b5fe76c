import { fromGuard } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: every priority that has a queued job in those of these queues that are not paused, due or not; and a row
 * without a priority for each paused one. Index: jobs_claimable_idx, one probe per lane (a loose index scan), and the
 * primary key of job_queues. No row means: nothing is queued, and nothing paused.
 */
const DISCOVER = `
  WITH RECURSIVE paused AS MATERIALIZED (
    SELECT q.name FROM millrace.job_queues q WHERE q.name = ANY($1::text[]) AND q.paused_at IS NOT NULL
  ), lanes (queue, priority) AS (
    SELECT given.queue, first.priority
    FROM unnest($1::text[]) AS given(queue), LATERAL (
      SELECT j.priority FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = given.queue
      ORDER BY j.priority LIMIT 1
    ) AS first
    WHERE NOT EXISTS (SELECT FROM paused WHERE paused.name = given.queue)
    UNION ALL
    SELECT lanes.queue, next.priority
    FROM lanes, LATERAL (
      SELECT j.priority FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = lanes.queue AND j.priority > lanes.priority
      ORDER BY j.priority LIMIT 1
    ) AS next
  )
  SELECT queue, priority, now()::text AS at
  FROM (SELECT queue, priority FROM lanes UNION ALL SELECT name, NULL FROM paused) AS found
  ORDER BY array_position($1::text[], queue::text), priority`;

/** A lane that holds queued jobs; without a priority, a queue that is paused, whose lanes are left out. */
export interface FoundLane {
  queue: string;
  priority: number | null;
}

/** What a look for lanes found. */
export interface LaneDiscovery {
  /** In the order of the queues given, then by priority. */
  lanes: FoundLane[];
  /** When it was, in the database's own text; null when it found nothing. */
  at: string | null;
}

/** Looks for the lanes that hold queued jobs. */
export async function discoverLanes(db: Executor, queues: readonly string[]): Promise<LaneDiscovery> {
  const { rows } = await db.query(DISCOVER, [queues]);
  const lanes = rows as (FoundLane & { at: string })[];
  return { lanes: lanes.map(({ queue, priority }) => ({ queue, priority })), at: lanes[0]?.at ?? null };
}
