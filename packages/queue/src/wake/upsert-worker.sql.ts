import type { Executor } from "@millrace/base";
import { SCHEMA_NUMBER } from "@millrace/schema/values";
import { addToMinute, batchText, notCountedYet, THIS_MINUTE, UNSYNCED } from "./count-minutes.sql.ts";
import type { CountsBatch } from "./run-counts.ts";

/** Another instance with the same worker id may be alive for this many s after its last write: three of its beats. */
export const MAY_LIVE_SECONDS = 30;

/** The statement that writes a worker's row. `counts` has the SQL that writes counts, too; empty texts: no counts. */
function upsertText(counts: { column: string; value: string; update: string; ctes: string; answer: string }) {
  return `
  WITH ${UNSYNCED}, other AS MATERIALIZED (
    SELECT FROM millrace.workers
    WHERE worker_id = $1 AND instance <> $2::uuid AND seen_at > now() - interval '${MAY_LIVE_SECONDS} s'
  ), written AS (
    INSERT INTO millrace.workers AS w
      (worker_id, instance, queues, types, asleep, release, concurrency, paused_at, schema${counts.column})
    SELECT $1, $2::uuid, $3::varchar[], $4::varchar[], $5::boolean, $6::varchar, $7::int,
           CASE WHEN $8::boolean THEN now() END, ${SCHEMA_NUMBER}${counts.value}
    FROM unsynced
    ON CONFLICT (worker_id) DO UPDATE
    SET queues = excluded.queues, types = excluded.types, seen_at = now(), instance = excluded.instance,
        release = excluded.release, schema = excluded.schema, concurrency = excluded.concurrency,
        paused_at = CASE WHEN w.instance = excluded.instance AND excluded.paused_at IS NOT NULL
                         THEN coalesce(w.paused_at, excluded.paused_at) ELSE excluded.paused_at END,
        asleep = excluded.asleep OR w.asleep AND EXISTS (SELECT FROM other)${counts.update}
    RETURNING EXISTS (SELECT FROM other) AS "isShared"
  )${counts.ctes}
  SELECT "isShared", millrace.least_schema() AS "leastSchema"${counts.answer} FROM written`;
}

/**
 * Guarantees: the row gets the given values, with two exceptions. `asleep` stays true if another instance wrote the row
 * in the last 30 s. `paused_at` stays while this instance is paused. The commit does not wait for the disk, because no
 * job depends on the row.
 * Index: the primary key of workers.
 * No row: never. The one row says whether another instance wrote the row in the last 30 s.
 */
const UPSERT = upsertText({ column: "", value: "", update: "", ctes: "", answer: "" });

/**
 * Guarantees: as `UPSERT`. Also writes what the worker counted, and adds it to the current minute, all or nothing. If
 * this instance wrote the same totals before, nothing is added.
 * Index: the primary keys of workers and queue_minutes. Reads the rows of the current minute, up to a sampled one.
 * No row: never. The one row also says which minute it is, and whether nobody has sampled the queues' depths in it.
 */
const UPSERT_WITH_COUNTS = upsertText({
  column: ", counts",
  value: ", $9::text::jsonb",
  update: ", counts = excluded.counts",
  ctes: `, ${addToMinute("$10", `EXISTS (SELECT FROM written) AND ${notCountedYet("$9")}`)}`,
  answer: `, ${THIS_MINUTE}::text AS minute, NOT EXISTS (
      SELECT FROM millrace.queue_minutes m WHERE m.minute = ${THIS_MINUTE} AND m.running IS NOT NULL
    ) AS "isUnsampled"`,
});

/** The values of a worker's row. */
export interface WorkerPresence {
  workerId: string;
  /** An id that each start of a worker makes for itself, because several workers may have one worker id. */
  instance: string;
  queues: readonly string[];
  types: readonly string[];
  /** Whether producers must notify this worker. */
  asleep: boolean;
  /** The worker's release of Millrace. */
  release: string;
  concurrency: number;
  isPaused: boolean;
}

/** The database's answer when a worker has written its row. */
export interface RowAnswer {
  /** Whether another instance with the same worker id wrote the row in the last 30 s. */
  isShared: boolean;
  /** How many migrations a worker's release has at least that may work on this database. */
  leastSchema: number;
}

/** Writes a worker's row. */
export async function upsertWorker(db: Executor, worker: WorkerPresence): Promise<RowAnswer> {
  const { rows } = await db.query(UPSERT, valuesOf(worker));
  return (rows as RowAnswer[])[0] ?? { isShared: false, leastSchema: 0 };
}

/** The database's answer when a worker has written its counts. */
export interface CountsAnswer extends RowAnswer {
  /** The current minute, as the database's own text. */
  minute: string;
  /** Whether nobody has sampled the depths of the queues in this minute. */
  isUnsampled: boolean;
}

/** Writes a worker's row, and what the worker counted. */
export async function upsertWorkerWithCounts(
  db: Executor,
  worker: WorkerPresence,
  batch: CountsBatch,
): Promise<CountsAnswer> {
  const values = [...valuesOf(worker), JSON.stringify(batch.totals), batchText(batch)];
  const { rows } = await db.query(UPSERT_WITH_COUNTS, values);
  return (rows as CountsAnswer[])[0] ?? { isShared: false, leastSchema: 0, minute: "", isUnsampled: false };
}

function valuesOf(worker: WorkerPresence): unknown[] {
  const { workerId, instance, queues, types, asleep, release, concurrency, isPaused } = worker;
  return [workerId, instance, queues, types, asleep, release, concurrency, isPaused];
}
