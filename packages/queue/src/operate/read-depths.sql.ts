import type { Executor } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { toDate } from "../job/row-to-job.ts";
import { LANES_MAX, queueDepths } from "../wake/queue-depths.sql.ts";
import type { QueueDepth } from "./queue-depth.ts";

/** How many jobs are counted over all queues. Of many queues, each is counted less far, but up to `LEAST`. */
const TOTAL = 100_000;
const LEAST = 100;

/**
 * Guarantees: reads only. Counts each job once, even if jobs move during the statement.
 * Index: waiting_jobs_claim_idx: finds the lanes by a loose scan, and reads at most `most` + 1 entries for the due jobs
 * of a queue and as many for its queued jobs. Reads the job count of each claim, and all rows of job_queues.
 * No row: no job waits or runs, and no queue is paused or has settings.
 */
const DEPTHS = `
  WITH RECURSIVE turn AS (SELECT), ${queueDepths("turn", { max: "$1::int", total: TOTAL, least: LEAST })}, waiting AS (
    SELECT d.*, CASE WHEN d.due > d.most THEN d.due ELSE (
      SELECT count(*) FROM (
        SELECT FROM millrace.waiting_jobs j WHERE j.queue = d.queue
        ORDER BY j.priority, j.run_at LIMIT d.most + 1
      ) AS jobs
    ) END AS queued
    FROM due_depths AS d
  ), said AS (
    SELECT q.name AS queue, q.paused_at, q.settings FROM millrace.job_queues q
    WHERE q.paused_at IS NOT NULL OR q.settings IS NOT NULL
  )
  SELECT queue, coalesce(least(w.queued, w.most), 0)::float8 AS queued,
         coalesce(w.queued > w.most, false) AS more_queued,
         coalesce(least(w.due, w.most), 0)::float8 AS due,
         coalesce(w.due > w.most OR w.lanes = ${LANES_MAX}, false) AS more_due,
         coalesce(r.running, 0)::float8 AS running,
         CASE WHEN w.first_at <= now() THEN (extract(epoch FROM now() - w.first_at) * 1000)::float8 END
           AS oldest_due_ms,
         s.paused_at, s.settings
  FROM waiting w FULL JOIN running_depths r USING (queue) FULL JOIN said s USING (queue)`;

interface Row {
  queue: string;
  queued: number;
  more_queued: boolean;
  due: number;
  more_due: boolean;
  running: number;
  oldest_due_ms: number | null;
  paused_at: unknown;
  settings: QueueSettings | null;
}

/** Counts the waiting and running jobs of each queue up to a limit. Returns the queues by name. */
export async function readDepths(db: Executor, max: number): Promise<QueueDepth[]> {
  const { rows } = await db.query(DEPTHS, [max]);
  return (rows as Row[])
    .map((row) => ({
      queue: row.queue,
      queued: { count: row.queued, capped: row.more_queued },
      due: { count: row.due, capped: row.more_due },
      running: row.running,
      oldestDueMs: row.oldest_due_ms,
      pausedAt: toDate(row.paused_at),
      settings: row.settings,
    }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
}
