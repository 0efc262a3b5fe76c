import { executorOf } from "@millrace/base";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { type ClaimedJob, createQueue, type Lease, type Queue } from "../../src/index.ts";
import { Run } from "../../src/run/run.ts";
import { completeRuns } from "../../src/settle/complete-runs.ts";
import { claimTogether } from "./claim-together.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

const JOBS = 24;
const ROUNDS = 60;

/** Ends some of a claim's jobs. Returns the refused runs, and perhaps locked runs, which must be tried again. */
type EndSome = (runs: readonly ClaimedJob[]) => Promise<{ refused: Lease[]; locked?: Lease[] }>;

const complete: EndSome = async (runs) => ({ refused: await queue.runs.complete(runs) });

const fail: EndSome = async (runs) => {
  const failures = runs.map((run) => ({ ...run, error: "x", retryInMs: null }));
  return { refused: (await queue.runs.fail(failures)).refused };
};

const release: EndSome = async (runs) => ({ refused: await queue.runs.release(runs) });

/** As a worker does, which names a claim of which it completes every job. */
const completeAsWorker: EndSome = (runs) =>
  completeRuns(
    executorOf(pool),
    runs.map((job) => ({ run: new Run(job, 0, 0, JOBS), output: null })),
  );

const some = (runs: readonly ClaimedJob[]) => runs.filter(() => Math.random() < 0.6);

test.each([
  ["complete some", "others complete some", complete, complete, some],
  ["complete some", "others fail some", complete, fail, some],
  ["fail some", "others fail some", fail, fail, some],
  ["give some back", "others complete some", release, complete, some],
  ["complete the whole claim as a worker does", "others complete some", completeAsWorker, complete, all],
  ["complete the whole claim as a worker does", "others fail some", completeAsWorker, fail, all],
  ["complete the whole claim as a worker does", "others do so, too", completeAsWorker, completeAsWorker, all],
] as const)(
  "where callers %s while %s: each job ends once, no job is lost, no claim is left",
  async (_what, _others, endOne, endOther, pickOne) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { runs, ids } = await claimTogether(pool, JOBS);
      const picked = [pickOne(runs), endOther === completeAsWorker ? all(runs) : some(runs)] as const;

      const [one, other] = await Promise.all([endOne(picked[0]), endOther(picked[1])]);

      const refused = [...one.refused, ...other.refused].map((run) => run.id);
      const locked = [...(one.locked ?? []), ...(other.locked ?? [])].map((run) => run.id);
      const wanted = [...picked[0], ...picked[1]].map((run) => run.id);
      const twice = wanted.filter((id, at) => wanted.indexOf(id) !== at);
      // A job that both wanted was refused to one of them, or was locked for one of them. No other job was refused.
      expect(refused.every((id) => twice.includes(id))).toBe(true);
      expect(twice.every((id) => refused.includes(id) || locked.includes(id))).toBe(true);
      expect(new Set(refused).size).toBe(refused.length);
      const ended = new Set(wanted.filter((id) => !locked.includes(id) || twice.includes(id)));
      expect(await running(ids)).toEqual(ids.filter((id) => !ended.has(id)).sort());

      // Whatever is left ends now.
      const left = runs.filter((run) => !ended.has(run.id));
      expect(await queue.runs.complete(left)).toEqual([]);
      const { rows } = await pool.query<{ id: string }>("SELECT id FROM millrace.jobs WHERE id = ANY($1)", [
        ids,
      ]);
      expect(rows.map((row) => row.id).sort()).toEqual([...ids].sort());
      expect(await attemptsAreRight(ids)).toBe(true);
    }
    const { rows } = await pool.query("SELECT count(*)::int AS claims FROM millrace.claims");
    expect(rows).toEqual([{ claims: 0 }]);
  },
);

function all(runs: readonly ClaimedJob[]): readonly ClaimedJob[] {
  return runs;
}

async function running(ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM millrace.jobs WHERE id = ANY($1) AND state = 'running'",
    [ids],
  );
  return rows.map((row) => row.id).sort();
}

/** Whether each failed job has one attempt that failed, and no other job has one. */
async function attemptsAreRight(ids: readonly string[]): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT FROM millrace.jobs j
     WHERE j.id = ANY($1) AND (j.state = 'failed')::int <>
       (SELECT count(*) FROM millrace.job_attempts a WHERE a.job_id = j.id)`,
    [ids],
  );
  return rows.length === 0;
}
