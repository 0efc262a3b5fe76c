import type { Lease } from "../domain/job.ts";
import { toState } from "../domain/transitions.ts";
import type { Executor } from "./queryable.ts";

/** Guarantees: reads only. Index: the primary keys of both tables. No row means: this run did not complete the job. */
const WAS_COMPLETED = `
  SELECT FROM millrace.all_jobs j
  WHERE j.id = $1 AND j.lease_token = $2 AND j.state = ${toState("complete")}`;

/** Whether this very run completed its job. */
export async function wasCompleted(db: Executor, { id, leaseToken }: Lease): Promise<boolean> {
  const { rows } = await db.query(WAS_COMPLETED, [id, leaseToken]);
  return rows.length > 0;
}
