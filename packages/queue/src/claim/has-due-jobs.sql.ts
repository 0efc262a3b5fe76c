import type { Executor } from "@millrace/base";
import { MAY_START } from "./claim-jobs.sql.ts";
import { findUnpausedLanes, type LaneName } from "./find-unpaused-lanes.sql.ts";

/**
 * Guarantees: reads only.
 * Index: waiting_jobs_claim_idx, lane by lane, up to the first due job of the types.
 * No row: never.
 */
const HAS_DUE = `
  SELECT EXISTS (
    SELECT FROM unnest($1::text[], $2::smallint[]) AS lane(queue, priority), LATERAL (
      SELECT FROM millrace.waiting_jobs j
      WHERE j.queue = lane.queue AND j.priority = lane.priority AND j.run_at <= now() AND j.type = ANY($3::text[])
        AND ${MAY_START}
      LIMIT 1
    ) AS job
  ) AS "hasDue"`;

/** Whether a job of these types is due in one of these queues, and can be claimed. A paused queue counts as empty. */
export async function hasDueJobs(
  db: Executor,
  { queues, types }: { queues: readonly string[]; types: readonly string[] },
): Promise<boolean> {
  let after: LaneName | null = null;
  do {
    const { lanes, next }: Awaited<ReturnType<typeof findUnpausedLanes>> = await findUnpausedLanes(db, {
      queues,
      after,
    });
    const { rows } = await db.query(HAS_DUE, [
      lanes.map((lane) => lane.queue),
      lanes.map((lane) => lane.priority),
      types,
    ]);
    if ((rows as { hasDue: boolean }[])[0]?.hasDue === true) return true;
    after = next;
  } while (after !== null);
  return false;
}
