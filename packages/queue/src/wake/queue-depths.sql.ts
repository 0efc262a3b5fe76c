/** How many due jobs of a queue are counted at most. */
export const DUE_MAX = 10_000;

/** How many lanes are read at most. Each lane needs two index probes. */
const LANES_MAX = 1_000;

/** Less than every priority. */
const BEFORE_ALL = -32_769;

/**
 * The CTEs `lanes`, `waiting_depths` and `running_depths`: how many jobs of each queue are due, since when the oldest of
 * them is, and how many run. `from` names a relation with one row; without its row, nothing is read. The statement is
 * `WITH RECURSIVE`.
 *
 * Reads at most `LANES_MAX` lanes, and `DUE_MAX` due jobs of each queue, through waiting_jobs_claim_idx (a loose index
 * scan), and the job count of each claim. Jobs that are due later are not read, but for the first one of a lane.
 */
export function queueDepths(from: string): string {
  const before = "CASE WHEN next.queue = lanes.queue THEN lanes.queue_due ELSE 0 END";
  return `lanes (queue, priority, oldest_at, due, queue_due, n) AS (
    SELECT ''::varchar, ${BEFORE_ALL}, NULL::timestamptz, 0::bigint, 0::bigint, 0 FROM ${from}
    UNION ALL
    SELECT next.queue, next.priority::int, CASE WHEN next.run_at <= now() THEN greatest(next.run_at, 'epoch') END, due.n,
           ${before} + due.n, lanes.n + 1
    FROM lanes, LATERAL (
      SELECT j.queue, j.priority, j.run_at FROM millrace.waiting_jobs j
      WHERE (j.queue, j.priority) > (lanes.queue, lanes.priority)
      ORDER BY j.queue, j.priority, j.run_at, j.id LIMIT 1
    ) AS next, LATERAL (
      SELECT count(*) AS n FROM (
        SELECT FROM millrace.waiting_jobs j
        WHERE j.queue = next.queue AND j.priority = next.priority AND j.run_at <= now()
        LIMIT greatest(0, ${DUE_MAX + 1} - ${before})
      ) AS found
    ) AS due
    WHERE lanes.n < ${LANES_MAX}
  ), waiting_depths AS (
    SELECT queue, sum(due) AS due, min(oldest_at) AS oldest_at FROM lanes WHERE n > 0 GROUP BY queue
  ), running_depths AS (
    SELECT c.queue, sum(coalesce(cardinality(c.open), cardinality(c.ids))) AS running
    FROM ${from}, millrace.claims c GROUP BY c.queue
  )`;
}
