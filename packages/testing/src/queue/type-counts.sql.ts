import { executorOf } from "@millrace/base";
import type { Queryable } from "@millrace/queue";

/**
 * Guarantees: reads only; in a transaction, also its own uncommitted jobs.
 * Index: none; a test database has few jobs.
 * No row: there are no jobs.
 */
const TYPE_COUNTS =
  "SELECT type, count(*)::float8 AS jobs FROM millrace.jobs GROUP BY type ORDER BY type LIMIT 20";

/** How many jobs of a type there are, in any state. */
export interface TypeCount {
  type: string;
  jobs: number;
}

/** Counts the jobs of each type, up to 20 types. */
export async function readTypeCounts(db: Queryable): Promise<TypeCount[]> {
  const { rows } = await executorOf(db).query(TYPE_COUNTS);
  return rows as TypeCount[];
}
