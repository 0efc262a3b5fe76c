import { setTimeout as pause } from "node:timers/promises";
import { migrate } from "@millrace/schema/migrations";
import { type ReplicatedPostgres, waitFor } from "@millrace/testpg";
import type pg from "pg";
import { createPool, createQueue, isTransient, type Queue } from "../../src/index.ts";
import { createEffects, type Tally, tallyWhenDone } from "./effects.ts";
import type { ChildEvent, ChildOptions } from "./program/protocol.ts";
import { type Child, startChild } from "./start-child.ts";

/** How to fail over. */
export interface FailOverOptions {
  pair: ReplicatedPostgres;
  /** The url that producers and workers know, before and after. */
  url: string;
  worker?: ChildOptions["worker"];
  /** How many jobs must have run before the primary is killed, and again after the standby was promoted. */
  load: number;
  /** How many workers outlive the primary. */
  survivors: number;
  /** Called when the standby has been promoted: leads the clients there, where the url does not. */
  onPromoted?(): Promise<void>;
}

/** What a fail-over cost. */
export interface FailOverCounts extends Tally {
  /** Jobs whose handler completes in its own transaction, and whose effect is not there exactly once. */
  notOnce: number;
  /** Enqueues that failed, and may or may not have been written. */
  enqueuesFailed: number;
  /** Writes of workers that were refused, because the run's claim was lost with the primary. */
  staleRefused: number;
  /** From the kill until the standby took writes, and until the first job had run there, in ms. */
  promotedMs: number;
  firstJobMs: number;
}

const QUEUE = "fail-over";

/** How long the jobs of a load may take on a machine with other work, in ms: the limit ends a test that hangs. */
const LOAD_MS = 150_000;

/**
 * Runs workers and a producer, kills the primary and one of the workers, promotes the standby, and waits until all
 * acknowledged jobs have ended.
 */
export async function failOver(options: FailOverOptions): Promise<FailOverCounts> {
  const { pair, url, load } = options;
  const pool = createPool({ connectionString: pair.url, max: 4 });
  // The kill cuts idle connections.
  pool.on("error", () => undefined);
  const producing = createPool({ connectionString: url, max: 4 });
  producing.on("error", () => undefined);
  const start = (name: string) =>
    startChild({ url, name, queue: QUEUE, worker: { concurrency: 10, leaseSeconds: 20, ...options.worker } });
  try {
    await migrate(pool);
    await createEffects(pool);
    await using started = new AsyncDisposableStack();
    const workers = Array.from({ length: options.survivors }, (_, n) => started.use(start(`survivor-${n}`)));
    const dying = started.use(start("dying"));
    const areStarted = () => [...workers, dying].every(({ events }) => events.some(isStart));
    await waitFor(areStarted, { description: "the workers to start" });
    await using producer = startProducer(createQueue(producing));
    await waitFor(untilMoreRan([...workers, dying], load), {
      description: "load before the kill",
      timeoutMs: LOAD_MS,
    });

    const killedAt = Date.now();
    dying.process.kill("SIGKILL");
    await pair.killPrimary();
    const goneAt = Date.now();
    await pair.promoteStandby();
    const promotedMs = Date.now() - killedAt;
    await options.onPromoted?.();

    await waitFor(untilMoreRan(workers, load), {
      description: "load on the new primary",
      timeoutMs: LOAD_MS,
    });
    await producer.stop();
    await freeJobsOf("dying", pool);
    const tally = await tallyWhenDone(pool, producer.ids);
    return {
      ...tally,
      notOnce: await countNotOnce(pool, producer.onceIds),
      enqueuesFailed: producer.failed(),
      staleRefused: workers.flatMap((child) => child.idsOf("lease-lost")).length,
      promotedMs,
      firstJobMs: (await firstEffectAt(pool, goneAt)) - killedAt,
    };
  } finally {
    await Promise.all([pool.end(), producing.end()]);
  }
}

function isStart(event: ChildEvent): boolean {
  return event.kind === "started";
}

/** Returns a condition: that the workers have run so many jobs more than now. */
function untilMoreRan(children: readonly Child[], more: number): () => boolean {
  const ran = () => children.reduce((sum, child) => sum + child.idsOf("job-completed").length, 0);
  const before = ran();
  return () => ran() >= before + more;
}

interface RunningProducer extends AsyncDisposable {
  /** The jobs whose enqueue was acknowledged; of these, the jobs that complete in their handler's transaction. */
  readonly ids: readonly string[];
  readonly onceIds: readonly string[];
  failed(): number;
  stop(): Promise<void>;
}

/** Enqueues without end, by four loops, one job or ten at a time. */
function startProducer(queue: Queue): RunningProducer {
  const ids: string[] = [];
  const onceIds: string[] = [];
  let failed = 0;
  let stopped = false;
  const loop = async (once: boolean, count: number) => {
    while (!stopped) {
      const job = { type: "work", queue: QUEUE, payload: { once, waitMs: 5 }, maxAttempts: 10 };
      try {
        const results = await queue.enqueueMany(Array.from({ length: count }, () => job));
        for (const { id } of results) {
          ids.push(id);
          if (once) onceIds.push(id);
        }
      } catch (error) {
        if (!isTransient(error)) throw error;
        failed += 1;
      }
      // Workers keep up with this pace, also where tests share the machine.
      await pause(count * 10);
    }
  };
  const loops = Promise.all([loop(true, 1), loop(false, 1), loop(true, 10), loop(false, 10)]);
  const stop = async () => {
    stopped = true;
    await loops;
  };
  return { ids, onceIds, failed: () => failed, stop, [Symbol.asyncDispose]: stop };
}

/** Lets the leases of a dead worker run out now. */
async function freeJobsOf(workerId: string, pool: pg.Pool): Promise<void> {
  await pool.query("UPDATE millrace.claims SET lease_until = now() WHERE worker_id = $1", [workerId]);
}

async function countNotOnce(pool: pg.Pool, ids: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM unnest($1::uuid[]) AS id
     WHERE (SELECT count(*) FROM public.effects WHERE job_id = id AND step = 'once') <> 1`,
    [ids],
  );
  return rows[0]?.count ?? ids.length;
}

/** When the first effect after an instant was written, in ms since 1970: servers and test share the machine's clock. */
async function firstEffectAt(pool: pg.Pool, after: number): Promise<number> {
  const { rows } = await pool.query<{ at: Date }>(
    "SELECT min(at) AS at FROM public.effects WHERE at > to_timestamp($1::float8 / 1000)",
    [after],
  );
  return rows[0]?.at.getTime() ?? Number.NaN;
}
