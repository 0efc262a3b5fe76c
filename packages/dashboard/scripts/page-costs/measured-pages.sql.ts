import type { Pool } from "pg";

/** A page to measure: its name, and its path with its filters. */
export interface MeasuredPage {
  readonly name: string;
  readonly path: string;
}

/**
 * The pages of the dashboard, and the searches that look at the most jobs.
 *
 * Guarantees: reads only.
 * Index: the primary key of waiting_jobs, and ended_jobs_not_completed_idx backward.
 * No row: throws; the database is not filled.
 */
export async function measuredPages(pool: Pool): Promise<readonly MeasuredPage[]> {
  const { rows } = await pool.query<{ queued: string; failed: string }>(
    `SELECT (SELECT id FROM millrace.waiting_jobs ORDER BY id DESC LIMIT 1) AS queued,
            (SELECT id FROM millrace.ended_jobs WHERE state <> 'completed' AND state = 'failed'
             ORDER BY id DESC LIMIT 1) AS failed`,
  );
  const [ids] = rows;
  if (ids === undefined) throw new Error("The database has no jobs to look at.");
  const search = (name: string, filters: Record<string, string>) => ({
    name: `Jobs: ${name}`,
    path: `/jobs?${new URLSearchParams(filters)}`,
  });
  return [
    { name: "Overview", path: "/" },
    { name: "Overview, 7 d", path: "/?hours=168" },
    { name: "Jobs", path: "/jobs" },
    search("failed", { state: "failed" }),
    search("oldest due", { state: "queued", order: "oldest-due" }),
    search("of a queue and type", { queue: "q1", type: "task-1" }),
    search("with a text in the error", { state: "failed", error: "service bc" }),
    search("a payload of long ago", { payload: '{"order": 12}' }),
    search("with a tag", { tag: "vip" }),
    search("ended in the last hour", { finished: "1h" }),
    { name: "A queued job", path: `/jobs/${ids.queued}` },
    { name: "A failed job", path: `/jobs/${ids.failed}` },
    { name: "Failures", path: "/failures" },
    { name: "Failures, last hour", path: "/failures?period=1h" },
    { name: "Queues", path: "/queues" },
    { name: "Schedules", path: "/schedules" },
    { name: "A schedule", path: "/schedules/schedule-20" },
    { name: "Workers", path: "/workers" },
    { name: "Audit", path: "/audit" },
  ];
}
