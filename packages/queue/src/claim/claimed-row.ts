import type { DetailColumns } from "../job/claim-details.ts";
import type { ClaimedJob } from "../job/job.ts";

/**
 * A claim as its statement returns it. `ids`, `attempts`, `max_attempts` and `crashes` are PostgreSQL arrays as text,
 * `types` and `payloads` are JSON arrays. Each array has one element for each job, in the same order.
 */
export interface ClaimedRow extends DetailColumns {
  /** A bigint, which the driver gives as text. */
  lease_token: string;
  queue: string;
  types: string;
  payloads: string;
  /** The places in the claim, from 1, of the jobs with a large payload: a PostgreSQL array. */
  large: string;
  attempts: string;
  max_attempts: string;
  crashes: string;
  /** The due time of the first job. */
  mark: string;
  /** The ids of the jobs whose cancel was requested before the claim: a PostgreSQL array. Null for none. */
  canceled: string | null;
}

/** The jobs of a claim. A large payload is null until `readLargePayloads` has read it. */
export function jobsOf(row: ClaimedRow): ClaimedJob[] {
  const types = JSON.parse(row.types) as string[];
  const payloads = JSON.parse(row.payloads) as ClaimedJob["payload"][];
  const attempts = integersIn(row.attempts);
  const maxAttempts = integersIn(row.max_attempts);
  const crashes = integersIn(row.crashes);
  const leaseToken = Number(row.lease_token);
  return elementsOf(row.ids).map((id, at) => ({
    id,
    queue: row.queue,
    type: types[at] as string,
    payload: payloads[at] as ClaimedJob["payload"],
    leaseToken,
    attempt: attempts[at] as number,
    maxAttempts: maxAttempts[at] as number,
    crashes: crashes[at] as number,
  }));
}

/** The jobs of a claim that have a large payload. */
export function largeAmong(jobs: readonly ClaimedJob[], { large }: ClaimedRow): ClaimedJob[] {
  return integersIn(large).flatMap((ordinal) => jobs[ordinal - 1] ?? []);
}

/** The ids of a claim's jobs whose cancel was requested before the claim. */
export function canceledIn({ canceled }: ClaimedRow): string[] {
  return canceled === null ? [] : elementsOf(canceled);
}

/** The elements of a PostgreSQL array of values that need no quotes, such as ids. */
function elementsOf(text: string): string[] {
  return text === "{}" ? [] : text.slice(1, -1).split(",");
}

/** A JSON parser makes no string for each number. */
const integersIn = (text: string) => JSON.parse(`[${text.slice(1, -1)}]`) as number[];
