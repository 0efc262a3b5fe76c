import type { Executor } from "@millrace/base";
import { toDate, toInstant } from "../job/row-to-job.ts";
import { LIVING_FOR } from "../wake/living-worker.sql.ts";

/**
 * Guarantees: reads only.
 * Index: the primary key of workers; reads all rows of workers, to count the living.
 * No row: never.
 */
const FACTS = `
  SELECT now() AS now, (SELECT w.seen_at FROM millrace.workers w WHERE w.worker_id = $1) AS seen_at,
         EXISTS (SELECT FROM millrace.workers w
                 WHERE w.worker_id = $1 AND w.seen_at > now() - ${LIVING_FOR}) AS "isAlive",
         (SELECT count(*) FROM millrace.workers w WHERE w.seen_at > now() - ${LIVING_FOR})::float8 AS living`;

/** What is known of the worker of a running job. */
export interface WorkerFacts {
  /** The time by the database's clock. */
  now: Date;
  /** When the worker was seen last; null if the worker has no row. */
  seenAt: Date | null;
  /** Whether the worker was seen in the last 30 s. */
  isAlive: boolean;
  /** How many workers are alive. */
  living: number;
}

/** Returns the facts about a worker. */
export async function readWorkerFacts(db: Executor, workerId: string | null): Promise<WorkerFacts> {
  const { rows } = await db.query(FACTS, [workerId]);
  const [row] = rows as { now: unknown; seen_at: unknown; isAlive: boolean; living: number }[];
  if (row === undefined) throw new TypeError("the statement has one row, and PostgreSQL returned none");
  return { now: toInstant(row.now), seenAt: toDate(row.seen_at), isAlive: row.isAlive, living: row.living };
}
