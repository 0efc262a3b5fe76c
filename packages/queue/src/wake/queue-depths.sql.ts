import { PRIORITY_MAX } from "@millrace/schema/values";

/** How many priorities of a queue are looked at, the smallest first. */
export const LANES_MAX = 1_000;

/** How far `queueDepths` counts. `max` is SQL. */
export interface DepthLimits {
  /** How many due jobs of a queue are counted at most. */
  max: string;
  /** How many jobs are counted over all queues. Of many queues, each is counted less far, but up to `least`. */
  total: number;
  least: number;
}

/** The first lane beyond a point: its queue, its priority, and when its first job is due. */
const firstLane = (beyond: string) => `
      SELECT j.queue, j.priority, j.run_at FROM millrace.waiting_jobs j ${beyond}
      ORDER BY j.queue, j.priority, j.run_at LIMIT 1`;

/**
 * The CTEs `due_depths` (queue, first_at, lanes, most, due) and `running_depths` (queue, running): how many jobs of
 * each queue are due, and how many run. `first_at` is when the first job of the queue is or will be due, and `lanes`
 * how many priorities were looked at. More than `most` jobs are not counted: then `due` is `most` + 1. `turn` names a
 * relation of one row; without the row, nothing is read. The statement is `WITH RECURSIVE`.
 *
 * Finds the lanes by a loose scan of waiting_jobs_claim_idx, and reads at most `most` + 1 entries of a queue, and the
 * job count of each claim. Of jobs that are due later, only the first job of each lane is read.
 */
export function queueDepths(turn: string, { max, total, least }: DepthLimits): string {
  return `lanes (queue, priority, first_at, nth) AS (
    SELECT first.*, 1 FROM ${turn}, LATERAL (${firstLane("")}
    ) AS first
    UNION ALL
    SELECT next.*, CASE WHEN next.queue = lanes.queue THEN lanes.nth + 1 ELSE 1 END
    FROM lanes, LATERAL (${firstLane(
      `WHERE (j.queue, j.priority) > (lanes.queue, CASE WHEN lanes.nth < ${LANES_MAX} THEN lanes.priority
                                                          ELSE ${PRIORITY_MAX}::smallint END)`,
    )}
    ) AS next
  ), lined AS MATERIALIZED (
    SELECT lanes.queue, min(lanes.first_at) AS first_at, array_agg(lanes.priority ORDER BY lanes.priority) AS priorities
    FROM lanes GROUP BY lanes.queue
  ), goal AS MATERIALIZED (
    SELECT least(${max}, greatest(${least}, ${total} / greatest(count(*), 1)))::int AS most FROM lined
  ), due_depths AS MATERIALIZED (
    SELECT lined.queue, lined.first_at, cardinality(lined.priorities) AS lanes, goal.most, (
      SELECT count(*) FROM (
        SELECT FROM unnest(lined.priorities) AS lane(priority), LATERAL (
          SELECT FROM millrace.waiting_jobs j
          WHERE j.queue = lined.queue AND j.priority = lane.priority AND j.run_at <= now()
          ORDER BY j.run_at LIMIT goal.most + 1
        ) AS job LIMIT goal.most + 1
      ) AS jobs
    ) AS due
    FROM lined, goal
  ), running_depths AS (
    SELECT c.queue, sum(coalesce(cardinality(c.open), cardinality(c.ids))) AS running
    FROM ${turn}, millrace.claims c GROUP BY c.queue
  )`;
}
