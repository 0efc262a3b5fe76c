import type pg from "pg";
import { type ClaimedJob, createQueue, type Lease } from "../../src/index.ts";

/** Jobs that share a claim, and the ids of the jobs in their order. */
export interface ClaimedTogether {
  readonly queue: string;
  readonly runs: ClaimedJob[];
  readonly ids: string[];
}

/** Enqueues so many jobs to a queue of their own, and claims them as one claim. */
export async function claimTogether(pool: pg.Pool, count: number): Promise<ClaimedTogether> {
  const name = `together-${crypto.randomUUID()}`;
  await createQueue(pool).enqueueMany(
    Array.from({ length: count }, (_, n) => ({ type: "t", queue: name, payload: { n } })),
  );
  return claimQueue(pool, { name, count });
}

/** Claims all jobs of a queue. Throws unless one claim has them all. */
export async function claimQueue(
  pool: pg.Pool,
  { name, count }: { name: string; count: number },
): Promise<ClaimedTogether> {
  const claim = { queues: [name], limit: count, leaseSeconds: 30, workerId: "worker-of-the-test" };
  const runs = await createQueue(pool).runs.claim(claim);
  const { rows } = await pool.query("SELECT FROM millrace.claims WHERE queue = $1", [name]);
  if (runs.length !== count || rows.length !== 1) throw new Error("One claim must have all the jobs");
  return { queue: name, runs, ids: runs.map((run) => run.id) };
}

/** How many claims there are. */
export async function claimsLeft(pool: pg.Pool, queue: string): Promise<number> {
  const { rows } = await pool.query("SELECT FROM millrace.claims WHERE queue = $1", [queue]);
  return rows.length;
}

/** The states of jobs, and how many jobs are in each. */
export async function countByState(pool: pg.Pool, ids: readonly string[]): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    "SELECT state, count(*)::int AS count FROM millrace.jobs WHERE id = ANY($1) GROUP BY state",
    [ids],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Lets the leases of a queue's claims run out now. */
export async function expire(pool: pg.Pool, queue: string): Promise<void> {
  await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s' WHERE queue = $1", [
    queue,
  ]);
}

/** Names a run without the rest of its job. */
export const leaseOf = ({ id, leaseToken }: Lease): Lease => ({ id, leaseToken });
