import { fromGuard } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/**
 * Guarantees: every priority that has a queued job in these queues, due or not. Index: jobs_claimable_idx, one
 * probe per lane (a loose index scan). No row means: nothing is queued.
 */
const DISCOVER = `
  WITH RECURSIVE lanes (queue, priority) AS (
    SELECT given.queue, first.priority
    FROM unnest($1::text[]) AS given(queue), LATERAL (
      SELECT j.priority FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = given.queue
      ORDER BY j.priority LIMIT 1
    ) AS first
    UNION ALL
    SELECT lanes.queue, next.priority
    FROM lanes, LATERAL (
      SELECT j.priority FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = lanes.queue AND j.priority > lanes.priority
      ORDER BY j.priority LIMIT 1
    ) AS next
  )
  SELECT queue, priority FROM lanes ORDER BY array_position($1::text[], queue), priority`;

/** The lanes that hold queued jobs, in the order of the queues given, then by priority. */
export async function discoverLanes(
  db: Executor,
  queues: readonly string[],
): Promise<{ queue: string; priority: number }[]> {
  const { rows } = await db.query(DISCOVER, [queues]);
  return rows as { queue: string; priority: number }[];
}
