import type { Executor } from "@millrace/base";

/**
 * An idempotency key that no job has: its row says which worker has the turn to prune, and when the next turn begins.
 * The row outlives each worker.
 */
const KEY = "millrace:prune";

/** The schedule by which the worker program prunes. Where it exists, its operator decides how long jobs are kept. */
export const PRUNE_SCHEDULE = "millrace.jobs-prune";

/**
 * Guarantees: one caller gets the turn, and nobody else gets it for the given time.
 * Index: job_keys_pkey, and the unique index of the names of schedules.
 * No row: another worker has the turn, or had it and the next turn has not begun.
 */
const TAKE = `
  INSERT INTO millrace.job_keys AS turn (key, job_id, scope, until)
  VALUES ('${KEY}', $1::uuid, 'period', now() + $2::float8 * interval '1 ms')
  ON CONFLICT (key) DO UPDATE SET job_id = excluded.job_id, until = excluded.until WHERE turn.until <= now()
  RETURNING EXISTS (SELECT FROM millrace.job_schedules s WHERE s.name = '${PRUNE_SCHEDULE}') AS "isScheduled"`;

/**
 * Guarantees: only the caller that has the turn changes when the next one begins.
 * Index: job_keys_pkey.
 * No row: the caller has lost the turn.
 */
const KEEP = `
  UPDATE millrace.job_keys turn SET until = now() + $2::float8 * interval '1 ms'
  WHERE turn.key = '${KEY}' AND turn.job_id = $1::uuid
  RETURNING turn.key`;

/** Who has the turn, and in how many ms the next turn begins. */
export interface PruningTurn {
  /** A UUID of this turn alone. */
  holder: string;
  ms: number;
}

/** Takes the turn to prune. Returns null if it is not the caller's turn. */
export async function takePruningTurn(
  db: Executor,
  { holder, ms }: PruningTurn,
): Promise<{ isScheduled: boolean } | null> {
  const { rows } = await db.query(TAKE, [holder, ms]);
  return (rows as { isScheduled: boolean }[])[0] ?? null;
}

/** Keeps the turn for `ms` from now. Returns false if the turn is lost. */
export async function keepPruningTurn(db: Executor, { holder, ms }: PruningTurn): Promise<boolean> {
  const { rows } = await db.query(KEEP, [holder, ms]);
  return rows.length > 0;
}
