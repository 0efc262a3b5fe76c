import type { Executor } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { toDate } from "../job/row-to-job.ts";
import { LISTEN_CHANNEL } from "../wake/notice.ts";

/**
 * Guarantees: reads only.
 * Index: the primary key of job_queues.
 * No row: the queue was never paused, and never had settings.
 */
const GET = "SELECT q.settings FROM millrace.job_queues q WHERE q.name = $1";

/**
 * Guarantees: the queue has these settings; NULL: it has none. Its pause stays. Concurrent calls wait for each other.
 * Every worker that listens is notified, and reads the settings with its next look for lanes.
 * Index: the primary key of job_queues.
 * No row: the queue has these settings already.
 */
const SET = `
  WITH old AS MATERIALIZED (
    SELECT q.name, q.settings FROM millrace.job_queues q WHERE q.name = $1 FOR UPDATE
  ), written AS (
    INSERT INTO millrace.job_queues AS q (name, settings)
    SELECT $1, $2::jsonb WHERE $2::jsonb IS NOT NULL OR EXISTS (SELECT FROM old)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings
    WHERE q.settings IS DISTINCT FROM excluded.settings
    RETURNING pg_notify('${LISTEN_CHANNEL}', '')
  )
  SELECT (SELECT old.settings FROM old) AS settings FROM written`;

/**
 * Guarantees: reads only.
 * Index: none; the table has one row for each queue that was ever paused, or ever had settings.
 * No row: there is no such queue.
 */
const LIST = `
  SELECT q.name, q.paused_at, q.settings FROM millrace.job_queues q
  WHERE q.paused_at IS NOT NULL OR q.settings IS NOT NULL ORDER BY q.name`;

/** Returns the settings of a queue; null if it has none. */
export async function readQueueSettings(db: Executor, name: string): Promise<QueueSettings | null> {
  const { rows } = await db.query(GET, [name]);
  return (rows as { settings: QueueSettings | null }[])[0]?.settings ?? null;
}

/** Sets the settings of a queue. Returns the settings before; undefined if nothing was changed. */
export async function writeQueueSettings(
  db: Executor,
  name: string,
  settings: QueueSettings | null,
): Promise<QueueSettings | null | undefined> {
  const { rows } = await db.query(SET, [name, settings === null ? null : JSON.stringify(settings)]);
  return (rows as { settings: QueueSettings | null }[])[0]?.settings;
}

/** The pause and the settings of a queue. */
export interface QueueRow {
  pausedAt: Date | null;
  settings: QueueSettings | null;
}

/** Returns the queues that are paused or have settings, by name. */
export async function listSetQueues(db: Executor): Promise<Map<string, QueueRow>> {
  const { rows } = await db.query(LIST);
  return new Map(
    (rows as { name: string; paused_at: unknown; settings: QueueSettings | null }[]).map((row) => [
      row.name,
      { pausedAt: toDate(row.paused_at), settings: row.settings },
    ]),
  );
}
