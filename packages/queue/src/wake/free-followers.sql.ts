import type { Executor } from "@millrace/base";
import { ID_TEXT, isOpen } from "../job/places.sql.ts";
import { FREED } from "./end-jobs.sql.ts";
import { NOTIFIED, notifySleepers } from "./notify-sleepers.sql.ts";

/**
 * A CTE `running` of the ids of all running jobs. PostgreSQL evaluates it when a row first asks for it. To look for
 * some ids in each claim would cost more: an array is searched element by element.
 */
export const RUNNING = `running AS MATERIALIZED (
    SELECT job.id FROM millrace.claims c, LATERAL unnest(c.ids) WITH ORDINALITY AS job(id, ordinal)
    WHERE ${isOpen("job.ordinal")}
  )`;

/** An SQL condition: the job with this id is queued, or in the CTE `running`. */
export const isActive = (id: string) => `(EXISTS (SELECT FROM millrace.waiting_jobs w WHERE w.id = ${id})
            OR ${id} IN (SELECT running.id FROM running))`;

/**
 * Guarantees: frees a follower only if the job that it waits for is neither queued nor running. Leaves locked followers
 * as they are.
 * Index: waiting_jobs_after_idx. Reads the ids of all claims if there is any follower.
 * No row: never. The one row says how many followers were looked at, and after which job the next look goes on.
 */
const FREE_NEXT = `
  WITH found AS MATERIALIZED (
    SELECT w.id, (w.settings ->> 'after') AS after FROM millrace.waiting_jobs w
    WHERE (w.settings ->> 'after') IS NOT NULL AND (w.settings ->> 'after') ~ '${ID_TEXT}'
      AND (w.settings ->> 'after') > $1
    ORDER BY (w.settings ->> 'after') LIMIT $3
  ), ${RUNNING}, freeable AS MATERIALIZED (
    SELECT follower.id FROM found, LATERAL (
      SELECT w.id FROM millrace.waiting_jobs w
      WHERE w.id = found.id AND (w.settings ->> 'after') = found.after
      FOR UPDATE SKIP LOCKED
    ) AS follower
    WHERE NOT ${isActive("found.after::uuid")}
  ), freed AS (
    UPDATE millrace.waiting_jobs w SET ${FREED} FROM freeable WHERE w.id = freeable.id
    RETURNING w.queue, w.priority, w.run_at
  ), ${notifySleepers("freed", "$2")}
  SELECT (SELECT count(*) FROM found)::int AS looked, (SELECT max(found.after) FROM found) AS reached
  WHERE ${NOTIFIED}`;

/**
 * Guarantees: as above, for the given followers. A function of the database, because a producer may not change jobs by
 * itself.
 * Index: the primary key of waiting_jobs. Reads the ids of all claims if there is any follower.
 * No row: never.
 */
const FREE_GIVEN = "SELECT millrace.free_followers($1, $2)";

/**
 * Frees those of the given followers whose first job has ended or was deleted. An enqueue calls this after it has
 * written a follower: the first job may have ended meanwhile.
 */
export async function freeFollowers(
  db: Executor,
  ids: readonly string[],
  { commitsAtOnce }: { commitsAtOnce: boolean },
): Promise<void> {
  await db.query(FREE_GIVEN, [ids, !commitsAtOnce]);
}

/** How many followers `freeNextFollowers` looks at. */
const LOOK_MAX = 1_000;

/**
 * As `freeFollowers`, for the next followers in the order of their first jobs' ids. `from` is where the last call
 * ended. Returns where the next call goes on: after the last follower, at the first one again.
 */
export async function freeNextFollowers(db: Executor, from: string): Promise<string> {
  const { rows } = await db.query(FREE_NEXT, [from, false, LOOK_MAX]);
  const [row] = rows as { looked: number; reached: string | null }[];
  return row === undefined || row.looked < LOOK_MAX ? "" : (row.reached ?? "");
}
