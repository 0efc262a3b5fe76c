import { waitFor } from "@millrace/testpg";
import { expect, test } from "vitest";
import { Cancel, type ClaimedJob, Fatal, RetryLater, Snooze, type TaskContext } from "../../src/index.ts";
import { anyTask, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const QUEUE = "view";
const JOBS_MIN = 3_000;
/** Each reader looks at least so often while jobs wait, run and have ended. */
const LOOKS = 25;
/** The producer enqueues no more while so many jobs are left. */
const BACKLOG = 800;

/** Where a job goes from its first run, by the last digit of its number. Its later runs complete it. */
const FATES = ["complete", "retry", "fail", "cancel", "release", "crash"] as const;
type Fate = (typeof FATES)[number];

/** The jobs that have had their first run. */
const begun = new Set<string>();

function fateOf({ id, payload }: ClaimedJob): Fate {
  if (begun.has(id)) return "complete";
  begun.add(id);
  return FATES[Number(payload) % 10] ?? "complete";
}

/** What producers have asked for and what they were told is enqueued. */
const produced = { asked: 0, ids: [] as string[] };

async function enqueueSome(): Promise<void> {
  const jobs = Array.from({ length: 200 }, (_, n) => ({
    type: "t",
    payload: n,
    queue: QUEUE,
    priority: n % 2,
  }));
  produced.asked += jobs.length;
  const enqueued = await workers.queue.enqueueMany(jobs);
  for (const { id } of enqueued) produced.ids.push(id);
}

async function completedCount(): Promise<number> {
  const { rows } = await workers.pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM millrace.ended_jobs WHERE state = 'completed'",
  );
  return rows[0]?.n ?? 0;
}

/** A worker: its claims are completed as a whole where no run of a claim ends otherwise. */
function startWorker() {
  const ends: Record<Fate, () => void> = {
    complete: () => undefined,
    retry: () => {
      throw new RetryLater("not yet", { delayMs: 0 });
    },
    fail: () => {
      throw new Fatal("never");
    },
    cancel: () => {
      throw new Cancel("no longer");
    },
    release: () => {
      throw new Snooze(0);
    },
    crash: () => undefined,
  };
  const run = (_payload: unknown, { job }: TaskContext) => ends[fateOf(job)]();
  workers.start([anyTask("t", run)], { queues: [QUEUE], concurrency: 20 });
}

/** Ends the runs of each claim in parts, by one statement for each fate, so that claims stay open with fewer jobs. */
async function drainByHand(signal: AbortSignal): Promise<void> {
  const { queue, pool } = workers;
  const claim = { queues: [QUEUE], workerId: "by-hand", limit: 150, leaseSeconds: 300 };
  while (!signal.aborted) {
    const runs = await queue.runs.claim(claim);
    const byFate = Map.groupBy(runs, fateOf);
    const of = (fate: Fate): ClaimedJob[] => byFate.get(fate) ?? [];
    const failures = (fate: Fate, retryInMs: number | null) =>
      of(fate).map(({ id, leaseToken }) => ({ id, leaseToken, error: "by hand", retryInMs }));

    expect(await queue.runs.release(of("release"))).toEqual([]);
    for (const { id } of of("cancel")) expect(await queue.cancel(id)).toBe("cancel-requested");
    await queue.runs.fail(failures("cancel", 0));
    await queue.runs.fail(failures("retry", 0));
    expect(await queue.runs.complete(of("complete"))).toEqual([]);
    await queue.runs.fail(failures("fail", null));
    await pool.query(
      `UPDATE millrace.claims SET lease_until = now() - interval '1 second'
       WHERE worker_id = 'by-hand' AND lease_token = ANY($1::bigint[])`,
      [of("crash").map((run) => run.leaseToken)],
    );
    await queue.runs.recover();
  }
}

/** A reader: what it saw that must not be, and how often it looked while jobs were in every place. */
interface Reader {
  wrong: string[];
  looks: number;
  done: Promise<void>;
}

/** Looks again and again. A look tells what is wrong, and whether it saw jobs in every place. */
function startReader(
  signal: AbortSignal,
  look: (n: number) => Promise<{ wrong: string[]; full: boolean }>,
): Reader {
  const reader: Reader = { wrong: [], looks: 0, done: Promise.resolve() };
  reader.done = (async () => {
    for (let n = 0; !signal.aborted; n += 1) {
      const { wrong, full } = await look(n);
      reader.wrong.push(...wrong);
      if (full) reader.looks += 1;
    }
  })();
  return reader;
}

/** Reads all jobs, and compares them with the jobs that were enqueued before the statement began. */
async function lookAtAll() {
  const before = produced.ids.length;
  const { rows } = await workers.pool.query<{ id: string; state: string }>(
    "SELECT id, state FROM millrace.jobs WHERE queue = $1",
    [QUEUE],
  );
  const times = new Map<string, number>();
  for (const { id } of rows) times.set(id, (times.get(id) ?? 0) + 1);
  const wrong = [
    ...[...times].filter(([, seen]) => seen > 1).map(([id, seen]) => `${id} seen ${seen} times`),
    ...produced.ids.slice(0, before).flatMap((id) => (times.has(id) ? [] : [`${id} not seen`])),
  ];
  const states = new Set(rows.map(({ state }) => state));
  return { wrong, full: ["queued", "running", "completed"].every((state) => states.has(state)) };
}

/** Counts, as an operator's page does. */
async function lookAtStats() {
  const before = produced.ids.length;
  const stats = await workers.queue.stats();
  const { counts } = stats.find(({ queue }) => queue === QUEUE) ?? { counts: null };
  if (counts === null) return { wrong: before > 0 ? ["no stats"] : [], full: false };
  const sum = Object.values(counts).reduce((a, b) => a + b, 0);
  const isRight = before <= sum && sum <= produced.asked;
  return {
    wrong: isRight ? [] : [`${sum} jobs counted, of ${before} to ${produced.asked}`],
    full: counts.queued > 0 && counts.running > 0 && counts.completed > 0,
  };
}

/** Looks one job up in both ways. The newest jobs move most. */
async function lookAtOne(n: number) {
  const newest = produced.ids.slice(-BACKLOG);
  const id = newest[(n * 7) % newest.length] ?? "";
  const { rows } = await workers.pool.query<{ n: number; states: string[] }>(
    "SELECT count(*)::int AS n, array_agg(state) AS states FROM millrace.jobs WHERE id = $1",
    [id],
  );
  const got = await workers.queue.get(id);
  const isRight = rows[0]?.n === 1 && got.id === id;
  return { wrong: isRight ? [] : [`${id} seen ${rows[0]?.n} times`], full: true };
}

/** Enqueues until the readers have looked often enough, then waits until the workers have completed every job. */
async function produce(readers: readonly Reader[]): Promise<void> {
  const fewerLeftThan = (count: number) =>
    waitFor(
      async () => {
        // Jobs that failed or were canceled go from the ended jobs back to the waiting ones.
        await workers.queue.retryMany({ queue: QUEUE });
        return produced.ids.length - (await completedCount()) < count;
      },
      { description: `fewer than ${count} jobs to be left` },
    );
  while (produced.asked < JOBS_MIN || readers.some(({ looks }) => looks < LOOKS)) {
    await enqueueSome();
    await fewerLeftThan(BACKLOG);
  }
  await fewerLeftThan(1);
}

test("a reader of millrace.jobs sees each job once, whatever moves meanwhile", async () => {
  const over = new AbortController();
  await enqueueSome();
  startWorker();
  const readers = [lookAtAll, lookAtStats, lookAtOne].map((look) => startReader(over.signal, look));

  const all = [drainByHand(over.signal), produce(readers).finally(() => over.abort())];
  await Promise.all([...all, ...readers.map(({ done }) => done)]).finally(() => over.abort());

  expect(readers.map(({ wrong }) => wrong)).toEqual([[], [], []]);
  const { rows: outcomes } = await workers.pool.query(
    `SELECT worker_id = 'by-hand' AS "isByHand", array_agg(DISTINCT outcome ORDER BY outcome) AS seen
     FROM millrace.job_attempts GROUP BY 1 ORDER BY 1`,
  );
  expect(outcomes).toEqual([
    { isByHand: false, seen: ["canceled", "failed", "retried"] },
    { isByHand: true, seen: ["canceled", "crashed", "failed", "retried"] },
  ]);
  expect(await workers.queue.list({ queue: QUEUE, state: "queued" })).toEqual([]);
  expect(await workers.queue.list({ queue: QUEUE, state: "running" })).toEqual([]);
});
