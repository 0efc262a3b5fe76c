import type { Executor } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";

/** How many lanes one look reads at most. Each lane needs an index probe, and this many probes take some ms. */
export const LOOK_MAX = 1_000;

/** A look also returns lanes whose first job is due within this time: a busy worker looks again sooner than that. */
const SOON = "interval '2 seconds'";

/** Less than every priority. */
const BEFORE_ALL = -32_769;

/**
 * Guarantees: reads at most `LOOK_MAX` lanes after the given lane, in the order of the queues, then by priority.
 * Returns a row of kind `lane` for each lane with a job that is due, or due within 2 s. Returns a row of kind `paused`
 * for each paused queue, and no lane of it. Returns a row of kind `settings` for each queue that has settings. If
 * `LOOK_MAX` cuts the look short, the last lane has a row in any case.
 * Index: waiting_jobs_claim_idx, one probe per lane (a loose index scan), and the primary key of job_queues.
 * No row: no lane has such a job, and no queue is paused or has settings.
 *
 * Queues are sorted before the recursion. A join with the paused queues may change their order, and the look would then
 * miss lanes.
 */
const FIND_LANES = `
  WITH RECURSIVE paused AS MATERIALIZED (
    SELECT q.name FROM millrace.job_queues q WHERE q.name = ANY($1::text[]) AND q.paused_at IS NOT NULL
  ), given AS MATERIALIZED (
    SELECT given.queue, given.rank FROM unnest($1::text[]) WITH ORDINALITY AS given(queue, rank)
    WHERE NOT EXISTS (SELECT FROM paused WHERE paused.name = given.queue)
    ORDER BY given.rank
  ), lanes (rank, queue, priority, run_at, n) AS (
    SELECT $2::bigint, NULL::text, $3::int, NULL::timestamptz, 0
    UNION ALL
    SELECT next.rank, next.queue, next.priority::int, next.run_at, lanes.n + 1
    FROM lanes, LATERAL (
      SELECT given.rank, given.queue, first.priority, first.run_at
      FROM given, LATERAL (
        SELECT j.priority, j.run_at FROM millrace.waiting_jobs j
        WHERE j.queue = given.queue
          AND j.priority > CASE WHEN given.rank = lanes.rank THEN lanes.priority ELSE ${BEFORE_ALL} END
        ORDER BY j.priority, j.run_at, j.id LIMIT 1
      ) AS first
      WHERE given.rank >= lanes.rank
      LIMIT 1
    ) AS next
    WHERE lanes.n < ${LOOK_MAX}
  )
  SELECT 'lane' AS kind, queue, priority, run_at <= now() + ${SOON} AS is_due, n = ${LOOK_MAX} AS is_cut,
         now()::text AS at, n, NULL::text AS settings
  FROM lanes WHERE n = ${LOOK_MAX} OR (n > 0 AND run_at <= now() + ${SOON})
  UNION ALL
  SELECT 'paused', name, NULL, NULL, NULL, now()::text, 0, NULL FROM paused
  UNION ALL
  SELECT 'settings', q.name, NULL, NULL, NULL, now()::text, 0, q.settings::text
  FROM millrace.job_queues q WHERE q.name = ANY($1::text[]) AND q.settings IS NOT NULL
  ORDER BY n`;

/** A lane by its name: one priority of one queue. */
export interface LaneName {
  queue: string;
  priority: number;
}

/**
 * What one look for lanes found. A round of looks reads every lane: in one look, or in several if there are many lanes.
 */
export interface LookResult {
  /** The lanes with a job that is due, or due within 2 s, in the order of the given queues, then by priority. */
  lanes: LaneName[];
  /** The queues that are paused. */
  paused: string[];
  /** When the look was made, as the database's own text; null if the look found nothing. */
  at: string | null;
  /** The lane after which the next look goes on; null if this look was the last of its round. */
  next: LaneName | null;
}

/** What one look found, and the settings of the given queues. A queue without settings is not in the map. */
export interface Look extends LookResult {
  queueSettings: ReadonlyMap<string, QueueSettings>;
}

/** A lane that was read. */
interface LaneRow {
  kind: "lane";
  queue: string;
  priority: number;
  is_due: boolean;
  /** Whether the look was cut short after this lane. */
  is_cut: boolean;
  at: string;
}

/** A queue that is paused. */
interface PausedRow {
  kind: "paused";
  queue: string;
  at: string;
}

/** A queue that has settings. */
interface SettingsRow {
  kind: "settings";
  queue: string;
  at: string;
  /** JSON text. */
  settings: string;
}

/** Looks for lanes with due jobs, from the first lane, or after the lane where an earlier look was cut short. */
export async function findUnpausedLanes(
  db: Executor,
  { queues, after }: { queues: readonly string[]; after: LaneName | null },
): Promise<Look> {
  const rank = after === null ? 0 : queues.indexOf(after.queue) + 1;
  const { rows } = await db.query(FIND_LANES, [queues, rank, after?.priority ?? BEFORE_ALL]);
  const queueSettings = new Map<string, QueueSettings>();
  const found: Look = { lanes: [], paused: [], at: null, next: null, queueSettings };
  for (const row of rows as (LaneRow | PausedRow | SettingsRow)[]) {
    found.at = row.at;
    if (row.kind === "settings") {
      queueSettings.set(row.queue, JSON.parse(row.settings) as QueueSettings);
      continue;
    }
    if (row.kind === "paused") {
      found.paused.push(row.queue);
      continue;
    }
    const lane = { queue: row.queue, priority: row.priority };
    if (row.is_due) found.lanes.push(lane);
    if (row.is_cut) found.next = lane;
  }
  return found;
}
