import type pg from "pg";

/** What a test cares about of a schedule; the rest is valid. */
export interface ScheduleSetup {
  cron?: string;
  timezone?: string;
  jobType?: string;
  misfire?: "latest" | "skip" | "all";
  overlap?: "allow" | "skip";
  enabled?: boolean;
  /** An SQL expression for next_run_at. Default: due since a moment ago. */
  nextRunAt?: string;
}

/** Due, and less than the minute late that counts as a misfire; a whole second, and earlier than any later `now()`. */
const JUST_DUE = "date_trunc('second', now()) - interval '1 second'";

/** Once a year, so that no second tick comes due while a test runs. */
const YEARLY = "0 0 1 1 *";

/** Inserts a schedule by SQL, as an operator's hand may, and returns its id. */
export async function insertScheduleRow(
  pool: pg.Pool,
  name: string,
  setup: ScheduleSetup = {},
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO millrace.job_schedules
       (name, job_type, cron_expr, timezone, misfire, overlap, enabled,
        payload, queue, priority, max_attempts, next_run_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, '{"n": 1}', 'lane', 7, 5, ${setup.nextRunAt ?? JUST_DUE})
     RETURNING id`,
    [
      name,
      setup.jobType ?? "t",
      setup.cron ?? YEARLY,
      setup.timezone ?? "UTC",
      setup.misfire ?? "latest",
      setup.overlap ?? "allow",
      setup.enabled ?? true,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("The insert returned no row");
  return id;
}

/** The jobs of a schedule, oldest first. */
export async function jobsOf(pool: pg.Pool, scheduleId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await pool.query("SELECT * FROM millrace.jobs WHERE schedule_id = $1 ORDER BY id", [
    scheduleId,
  ]);
  return rows;
}

/** The row of a schedule, with whether its tick to come is in the future. */
export async function scheduleRow(pool: pg.Pool, id: string): Promise<Record<string, unknown>> {
  const { rows } = await pool.query(
    "SELECT *, next_run_at > now() AS ahead FROM millrace.job_schedules WHERE id = $1",
    [id],
  );
  return rows[0] ?? {};
}

/** Makes a schedule due: its tick to come was a moment ago. */
export async function makeDue(pool: pg.Pool, id: string, at = JUST_DUE): Promise<void> {
  await pool.query(`UPDATE millrace.job_schedules SET next_run_at = ${at} WHERE id = $1`, [id]);
}
