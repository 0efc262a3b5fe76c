import type { Executor } from "@millrace/base";
import type { ClaimedJob } from "../job/job.ts";

/**
 * Guarantees: reads only.
 * Index: the primary key of job_payloads.
 * No row: the job's payload is not large, and its claim has it.
 */
const READ =
  "SELECT p.job_id, p.payload, p.bytes FROM millrace.job_payloads p WHERE p.job_id = ANY($1::uuid[])";

interface LargeRow {
  job_id: string;
  payload: ClaimedJob["payload"];
  bytes: number;
}

/** Sets the payloads of these jobs, by job id. Returns the bytes of each payload, by job id. */
export async function readLargePayloads(
  db: Executor,
  jobs: ReadonlyMap<string, ClaimedJob>,
): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  if (jobs.size === 0) return bytes;
  const { rows } = await db.query(READ, [[...jobs.keys()]]);
  for (const row of rows as LargeRow[]) {
    const job = jobs.get(row.job_id);
    if (job !== undefined) job.payload = row.payload;
    bytes.set(row.job_id, row.bytes);
  }
  return bytes;
}
