import type { Executor } from "@millrace/queue";
import { CLOCK_SCHEMA } from "./clock-schema.ts";

/**
 * Guarantees: reads the clock that the session's statements see.
 * Index: none.
 * No row: never.
 */
const NOW = "SELECT clock_timestamp() AS now";

/**
 * Guarantees: reads whether the database has a test clock, and whether the session's statements see it.
 * Index: none.
 * No row: never.
 */
const STANDING = `
  SELECT to_regclass('${CLOCK_SCHEMA}.moved') IS NOT NULL AS "isInstalled",
         coalesce('now()'::regprocedure = to_regprocedure('${CLOCK_SCHEMA}.now()'), false) AS "isSeen",
         current_setting('search_path') AS path`;

/**
 * Guarantees: moves the clock of all sessions, from their next statement on.
 * Index: none.
 * No row: never.
 */
const ADVANCE = `UPDATE ${CLOCK_SCHEMA}.moved SET by = by + make_interval(secs => $1::float8 / 1000)`;

/**
 * Guarantees: moves the clock to an instant. Moves back only if nothing has happened in the database that an earlier
 * clock would contradict.
 * Index: none; each table is asked for any row.
 * No row: the instant lies before now, and there are jobs or schedules.
 */
const TRAVEL = `
  UPDATE ${CLOCK_SCHEMA}.moved
  SET by = by + make_interval(secs => extract(epoch FROM $1::timestamptz - ${CLOCK_SCHEMA}.clock_timestamp())::float8)
  WHERE $1::timestamptz >= ${CLOCK_SCHEMA}.clock_timestamp()
     OR NOT EXISTS (SELECT FROM millrace.waiting_jobs) AND NOT EXISTS (SELECT FROM millrace.claims)
        AND NOT EXISTS (SELECT FROM millrace.ended_jobs) AND NOT EXISTS (SELECT FROM millrace.job_schedules)
  RETURNING true AS moved`;

/** The database's clock. */
export async function readNow(db: Executor): Promise<Date> {
  const { rows } = await db.query(NOW);
  return (rows as { now: Date }[])[0]?.now ?? new Date(Number.NaN);
}

/** Whether the database has a test clock, and whether the statements of a session with this search path see it. */
export interface ClockStanding {
  isInstalled: boolean;
  isSeen: boolean;
  path: string;
}

/** Reads whether the clock can be moved. */
export async function readStanding(db: Executor): Promise<ClockStanding> {
  const { rows } = await db.query(STANDING);
  return (rows as ClockStanding[])[0] ?? { isInstalled: false, isSeen: false, path: "" };
}

/** Moves the clock forwards. */
export async function advanceClock(db: Executor, ms: number): Promise<void> {
  await db.query(ADVANCE, [ms]);
}

/** Moves the clock to an instant, given as text. Returns false if it would move back, and may not. */
export async function moveClockTo(db: Executor, instant: string): Promise<boolean> {
  const { rows } = await db.query(TRAVEL, [instant]);
  return rows.length > 0;
}
