import type { Executor } from "@millrace/base";
import { MINUTE_COUNTS, THIS_MINUTE, UNSYNCED } from "./count-minutes.sql.ts";
import { queueDepths } from "./queue-depths.sql.ts";

/**
 * How many due jobs of a queue are counted, and of all queues together. In up to 100 queues, a deep backlog is counted
 * to the full number. Of more queues, each is counted less far.
 */
const LIMITS = { max: "10000", total: 1_000_000, least: 1_000 };

/** The number of the advisory lock of the worker that samples. */
const LOCK = "hashtextextended('millrace.queue_minutes', 0)";

/**
 * Guarantees: writes a sample of the current minute only if there is none, and if no other worker is sampling now. The
 * lock ends with the statement. The commit does not wait for the disk.
 * Index: the primary key of queue_minutes, and waiting_jobs_claim_idx (see `queueDepths`).
 * No row: always. The statement returns no rows.
 *
 * A queue that had a job or a count in this minute or the one before, and has no job now, gets zeros. Without them,
 * nobody could tell a queue that is empty from one that nobody looked at.
 */
const SAMPLE = `
  WITH RECURSIVE ${UNSYNCED}, turn AS MATERIALIZED (
    SELECT FROM unsynced
    WHERE NOT EXISTS (
        SELECT FROM millrace.queue_minutes m WHERE m.minute = ${THIS_MINUTE} AND m.running IS NOT NULL)
      AND pg_try_advisory_xact_lock(${LOCK})
  ), ${queueDepths("turn", LIMITS)}, recent AS (
    SELECT DISTINCT m.queue FROM turn, millrace.queue_minutes m
    WHERE m.minute BETWEEN ${THIS_MINUTE} - interval '1 minute' AND ${THIS_MINUTE}
      AND ${MINUTE_COUNTS.map((name) => `m.${name}`).join(" + ")}
          + coalesce(m.due, 0) + coalesce(m.running, 0) > 0
  )
  INSERT INTO millrace.queue_minutes AS m (minute, queue, due, oldest_due_ms, running)
  SELECT ${THIS_MINUTE}, queue, coalesce(least(d.due, d.most), 0),
         CASE WHEN d.first_at <= now() THEN extract(epoch FROM now() - greatest(d.first_at, 'epoch')) * 1000 END,
         coalesce(r.running, 0)
  FROM due_depths AS d FULL JOIN running_depths AS r USING (queue) FULL JOIN recent USING (queue)
  ORDER BY queue
  ON CONFLICT (minute, queue) DO UPDATE
  SET due = excluded.due, oldest_due_ms = excluded.oldest_due_ms, running = excluded.running`;

/**
 * Writes how many jobs of each queue are due and running, and how long the oldest due job has waited, into the current
 * minute, unless a worker has done so.
 */
export async function sampleDepths(db: Executor): Promise<void> {
  await db.query(SAMPLE);
}
