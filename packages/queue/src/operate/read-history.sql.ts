import type { Executor } from "@millrace/base";
import { toInstant } from "../job/row-to-job.ts";
import { MINUTE_COUNTS, type MinuteCounts } from "../wake/count-minutes.sql.ts";
import type { HistorySteps } from "./history-steps.ts";
import type { HistoryPoint } from "./queue-history.ts";

/** SQL for the sum of each count. */
const SUMS = MINUTE_COUNTS.map((name) => `sum(m.${name})::float8 AS ${name}`).join(", ");

/** SQL for the beginning of the current step. */
const LAST_STEP = "to_timestamp(floor(extract(epoch FROM now()) / $1::int) * $1::int)";

/**
 * Guarantees: reads only. Returns every step, with zeros where no row is.
 * Index: the primary key of queue_minutes, over the minutes of all steps: a row for each minute of each queue in
 * which something happened, at most 10,080 for each queue.
 * No row: never.
 *
 * The condition on the minute has no subquery: so PostgreSQL knows, when it plans, how little of the table it reads.
 */
const HISTORY = `
  WITH grid AS MATERIALIZED (
    SELECT ${LAST_STEP} AS last
  ), minutes AS (
    SELECT m.minute, ${SUMS}, sum(m.due)::float8 AS due, sum(m.running)::float8 AS running,
           max(m.oldest_due_ms)::float8 AS oldest_due_ms
    FROM millrace.queue_minutes m
    WHERE m.minute >= ${LAST_STEP} - ($2::int - 1) * $1::int * interval '1 s'
      AND ($3::varchar IS NULL OR m.queue = $3)
    GROUP BY m.minute
  ), steps AS (
    SELECT greatest(0, ceil(extract(epoch FROM grid.last - m.minute) / $1::int))::int AS back, ${SUMS},
           max(m.due) AS due, max(m.running) AS running, max(m.oldest_due_ms) AS oldest_due_ms
    FROM grid, minutes m GROUP BY back
  )
  SELECT grid.last - back * $1::int * interval '1 s' AS at,
         ${MINUTE_COUNTS.map((name) => `coalesce(steps.${name}, 0) AS ${name}`).join(", ")},
         steps.due, steps.running, steps.oldest_due_ms AS "oldestDueMs"
  FROM grid, generate_series($2::int - 1, 0, -1) AS step(back) LEFT JOIN steps USING (back)
  ORDER BY back DESC`;

/** Returns what happened in each step, the oldest first. */
export async function readHistory(
  db: Executor,
  { seconds, count }: HistorySteps,
  queue: string | null,
): Promise<HistoryPoint[]> {
  const { rows } = await db.query(HISTORY, [seconds, count, queue]);
  return (rows as (HistoryPoint & { at: unknown })[]).map((row) => ({ ...row, at: toInstant(row.at) }));
}

/**
 * Guarantees: reads only. Returns each queue in which something happened in the last minutes, this one included.
 * Index: the primary key of queue_minutes: at most one row for each of the minutes and each queue.
 * No row: nothing happened.
 */
const LATELY = `
  SELECT m.queue, ${SUMS} FROM millrace.queue_minutes m
  WHERE m.minute > now() - $1::int * interval '1 minute' GROUP BY m.queue ORDER BY m.queue`;

/** Returns what happened in each queue in the last minutes. */
export async function readLately(db: Executor, minutes: number): Promise<Map<string, MinuteCounts>> {
  const { rows } = await db.query(LATELY, [minutes]);
  return new Map(
    (rows as (MinuteCounts & { queue: string })[]).map(({ queue, ...counts }) => [queue, counts]),
  );
}

/** Returns the sum of counts. */
export function sumOf(all: Iterable<MinuteCounts>): MinuteCounts {
  const sum: MinuteCounts = { completed: 0, failed: 0, canceled: 0, retried: 0, crashed: 0, refused: 0 };
  for (const counts of all) for (const name of MINUTE_COUNTS) sum[name] += counts[name];
  return sum;
}
