import type { Executor } from "@millrace/base";
import { inState } from "../job/state-guards.sql.ts";

/** How many lanes one look reads: each is an index probe, and a look of so many takes some ms. */
export const LOOK_MAX = 1_000;

/** A lane whose first job is due within this time is found: looks are made more often. */
const SOON = "interval '2 seconds'";

/** Less than every priority. */
const BEFORE_ALL = -32_769;

/**
 * Guarantees: reads at most `LOOK_MAX` lanes after a place, in the order of the queues given and then by priority. Gives
 * those with a job that is due or nearly due, and a row without a priority for each paused queue, whose lanes are left out.
 * The last lane of a look that was cut short is a row in any case.
 * Index: jobs_claimable_idx, one probe per lane (a loose index scan), and the primary key of job_queues. The queues are
 * put in their order beforehand: a join with the paused ones may give them in any, and the look would leave some out.
 * No row: nothing is due, and nothing paused.
 */
const DISCOVER = `
  WITH RECURSIVE paused AS MATERIALIZED (
    SELECT q.name FROM millrace.job_queues q WHERE q.name = ANY($1::text[]) AND q.paused_at IS NOT NULL
  ), given AS MATERIALIZED (
    SELECT given.queue, given.place FROM unnest($1::text[]) WITH ORDINALITY AS given(queue, place)
    WHERE NOT EXISTS (SELECT FROM paused WHERE paused.name = given.queue)
    ORDER BY given.place
  ), lanes (place, queue, priority, run_at, n) AS (
    SELECT $2::bigint, NULL::text, $3::int, NULL::timestamptz, 0
    UNION ALL
    SELECT next.place, next.queue, next.priority::int, next.run_at, lanes.n + 1
    FROM lanes, LATERAL (
      SELECT given.place, given.queue, first.priority, first.run_at
      FROM given, LATERAL (
        SELECT j.priority, j.run_at FROM millrace.jobs j
        WHERE ${inState("queued")} AND j.queue = given.queue
          AND j.priority > CASE WHEN given.place = lanes.place THEN lanes.priority ELSE ${BEFORE_ALL} END
        ORDER BY j.priority, j.run_at, j.id LIMIT 1
      ) AS first
      WHERE given.place >= lanes.place
      LIMIT 1
    ) AS next
    WHERE lanes.n < ${LOOK_MAX}
  )
  SELECT queue, priority, run_at <= now() + ${SOON} AS is_due, n, now()::text AS at
  FROM lanes WHERE n = ${LOOK_MAX} OR (n > 0 AND run_at <= now() + ${SOON})
  UNION ALL
  SELECT name, NULL, false, 0, now()::text FROM paused
  ORDER BY n`;

/** One priority of one queue. */
export interface FoundLane {
  queue: string;
  priority: number;
}

/** What a look for lanes found. */
export interface LaneDiscovery {
  /** Those with due jobs, in the order of the queues given, then by priority. */
  lanes: FoundLane[];
  /** The queues that are paused. */
  paused: string[];
  /** When it was, in the database's own text; null when it found nothing. */
  at: string | null;
  /** The lane after which the next look goes on; null when this one came to the end. */
  next: FoundLane | null;
}

interface DiscoveredRow {
  queue: string;
  priority: number | null;
  is_due: boolean;
  n: number;
  at: string;
}

/** Looks for lanes with due jobs, from the first or after where an earlier look ended. */
export async function discoverLanes(
  db: Executor,
  { queues, after }: { queues: readonly string[]; after: FoundLane | null },
): Promise<LaneDiscovery> {
  const place = after === null ? 0 : queues.indexOf(after.queue) + 1;
  const { rows } = await db.query(DISCOVER, [queues, place, after?.priority ?? BEFORE_ALL]);
  const found: LaneDiscovery = { lanes: [], paused: [], at: null, next: null };
  for (const { queue, priority, is_due, n, at } of rows as DiscoveredRow[]) {
    found.at = at;
    if (priority === null) found.paused.push(queue);
    else if (is_due) found.lanes.push({ queue, priority });
    if (priority !== null && n === LOOK_MAX) found.next = { queue, priority };
  }
  return found;
}
