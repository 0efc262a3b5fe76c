import type { Executor } from "@millrace/base";
import type { CountsBatch } from "./run-counts.ts";

/** The counts of each queue in each minute, by the columns of `queue_minutes`. */
export const MINUTE_COUNTS = ["completed", "failed", "canceled", "retried", "crashed", "refused"] as const;

/** How many jobs and runs of a queue had each end in some time. */
export interface MinuteCounts {
  /** Jobs that ended in this state. */
  completed: number;
  failed: number;
  /** Jobs that ended in this state. Jobs that operators or SQL canceled while they were queued do not count. */
  canceled: number;
  /** Runs whose attempt failed, and was followed by another attempt. */
  retried: number;
  /** Runs that were taken back because their lease had ended. */
  crashed: number;
  /** Runs whose outcome was not written, because they had lost their lease. */
  refused: number;
}

/** What to add to the counts of a queue. */
export interface QueueAddition extends Partial<MinuteCounts> {
  queue: string;
}

/** The current minute, by the database's clock. */
export const THIS_MINUTE = "date_trunc('minute', now())";

/** A CTE: a statement that reads from it commits without waiting for the disk. No job depends on counts. */
export const UNSYNCED = `unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  )`;

/**
 * An SQL condition: this instance has not written a batch with these totals. `totals` is the parameter with the totals,
 * as JSON text; $1 is the worker's id, and $2 its instance.
 */
export const notCountedYet = (totals: string): string => `NOT EXISTS (
      SELECT FROM millrace.workers w
      WHERE w.worker_id = $1 AND w.instance = $2::uuid AND w.counts = ${totals}::text::jsonb)`;

/**
 * A CTE `counted` that adds to the counts of the current minute. `given` is the parameter with the additions, as JSON
 * text. If the SQL condition `condition` is false, nothing is added. The statement must have the CTE `UNSYNCED`.
 *
 * The rows are locked in the order of the queues' names. Otherwise, two workers that count the same queues could wait
 * for each other. A statement that also writes a worker's row writes that row first.
 */
export function addToMinute(given: string, condition = "true"): string {
  return `counted AS (
    INSERT INTO millrace.queue_minutes AS m (minute, queue, ${MINUTE_COUNTS.join(", ")})
    SELECT ${THIS_MINUTE}, given.queue, ${MINUTE_COUNTS.map((name) => `coalesce(given.${name}, 0)`).join(", ")}
    FROM unsynced, jsonb_to_recordset(${given}::text::jsonb)
      AS given(queue varchar, ${MINUTE_COUNTS.map((name) => `${name} bigint`).join(", ")})
    WHERE ${condition}
    ORDER BY given.queue
    ON CONFLICT (minute, queue) DO UPDATE
    SET ${MINUTE_COUNTS.map((name) => `${name} = m.${name} + excluded.${name}`).join(", ")}
  )`;
}

/** Additions as JSON text, for `addToMinute`. */
const additionsText = (additions: readonly QueueAddition[]): string => JSON.stringify(additions);

/** The additions of a batch as JSON text, for `addToMinute`. */
export const batchText = ({ queues }: CountsBatch): string =>
  additionsText([...queues].map(([queue, counts]) => ({ queue, ...counts })));

/**
 * Guarantees: adds to the counts of the current minute, all or nothing. The commit does not wait for the disk.
 * Index: the primary key of queue_minutes.
 * No row: always. The statement returns no rows.
 */
const ADD = `WITH ${UNSYNCED}, ${addToMinute("$1")} SELECT WHERE false`;

/** Adds to the counts of the current minute. */
export async function countInMinute(db: Executor, additions: readonly QueueAddition[]): Promise<void> {
  await db.query(ADD, [additionsText(additions)]);
}
