import { mkdir, writeFile } from "node:fs/promises";
import { waitFor } from "@millrace/testpg";
import type pg from "pg";
import type { Queue } from "../../src/index.ts";

/** Makes the table in which handlers write down what they did. */
export async function createEffects(pool: pg.Pool): Promise<void> {
  await pool.query(`
    CREATE TABLE public.effects (
      job_id uuid, lease_token bigint, worker text, step text, at timestamptz DEFAULT clock_timestamp()
    )`);
}

/** What came of a queue's jobs. */
export interface Tally {
  jobs: number;
  /** Jobs that were acknowledged and are in no table. */
  lost: number;
  completed: number;
  failed: number;
  /** Jobs whose handler ended more than once. */
  ranTwice: number;
  crashes: number;
}

/** Waits until none of these jobs is queued or running, and counts. */
export async function tallyWhenDone(pool: pg.Pool, ids: readonly string[]): Promise<Tally> {
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        "SELECT FROM millrace.jobs WHERE id = ANY($1) AND state IN ('queued', 'running') LIMIT 1",
        [ids],
      );
      return rows.length === 0;
    },
    { description: "every job to end" },
  );
  return tally(pool, ids);
}

/** Counts what came of these jobs. */
export async function tally(pool: pg.Pool, ids: readonly string[]): Promise<Tally> {
  const { rows } = await pool.query<Tally>(
    `SELECT cardinality($1::uuid[]) AS jobs, cardinality($1::uuid[]) - count(*)::int AS lost,
            count(*) FILTER (WHERE state = 'completed')::int AS completed,
            count(*) FILTER (WHERE state = 'failed')::int AS failed,
            coalesce(sum(crashes), 0)::int AS crashes,
            (SELECT count(*)::int FROM (
               SELECT FROM public.effects WHERE job_id = ANY($1) AND step = 'ended' GROUP BY job_id HAVING count(*) > 1
             ) AS twice) AS "ranTwice"
     FROM millrace.jobs WHERE id = ANY($1)`,
    [ids],
  );
  const [counted] = rows;
  if (counted === undefined) throw new Error("A count has one row");
  return counted;
}

/** Enqueues so many jobs of the children's task, and gives their ids: from here on they are acknowledged. */
export async function enqueueWork(
  queue: Queue,
  name: string,
  { count, payload = {} }: { count: number; payload?: Record<string, string | number | object> },
): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => ({
    type: "work",
    queue: name,
    payload: JSON.parse(JSON.stringify(payload)),
  }));
  return (await queue.enqueueMany(jobs)).map((result) => result.id);
}

/** Writes a test's counts to `test-results/faults`, one file a test. */
export async function record(name: string, counts: Record<string, number>): Promise<void> {
  const folder = new URL("../../test-results/faults/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(
    new URL(`${name.replaceAll(" ", "-")}.json`, folder),
    `${JSON.stringify({ name, ...counts })}\n`,
  );
}
