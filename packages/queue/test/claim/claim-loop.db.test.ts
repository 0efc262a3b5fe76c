import { executorOf } from "@millrace/base";
import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ClaimLoop, type ClaimLoopOptions, startClaimLoop } from "../../src/claim/claim-loop.ts";
import type { Clock, Executor } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { pollingNever } from "../polling-never.ts";

const database = useTestDatabase();
let pool: pg.Pool;
const loops: ClaimLoop[] = [];

beforeAll(() => {
  pool = database.pool();
});

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
});

/** A claim loop that never polls, so that only a wake-up, a freed slot or its last look makes it claim. */
function start(queue: string, options: Partial<ClaimLoopOptions> = {}) {
  const taken: string[] = [];
  const loop = startClaimLoop({
    db: executorOf(pool),
    clock: pollingNever,
    queues: [queue],
    types: ["t"],
    claimedSingly: new Set(),
    workerId: "w",
    leaseSeconds: 30,
    pollMs: 60_000,
    setAsleep: null,
    wanted: () => 4,
    take: (runs) => void taken.push(...runs.map((run) => run.job.id)),
    learnQueueSettings: () => undefined,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  loops.push(loop);
  return { loop, taken };
}

/** A job whose enqueue notifies nobody. */
const insert = (queue: string, priority = 0) =>
  insertJob(pool, { queue, priority, leaseToken: 0, attempts: 0 });

const until = (taken: readonly string[], id: string) =>
  waitFor(() => taken.includes(id), { description: "the job to be claimed" });

/** An executor whose next answer about lanes, once asked for, comes when the test lets it. */
function heldDiscovery() {
  const db = executorOf(pool);
  let held: { asked: () => void; gate: Promise<void> } | undefined;
  const executor: Executor = {
    async query(text, values) {
      const answer = await db.query(text, values);
      if (held !== undefined && text.includes("RECURSIVE paused")) {
        const { asked, gate } = held;
        held = undefined;
        asked();
        await gate;
      }
      return answer;
    },
  };
  return {
    executor,
    /** Holds the next answer; `asked` resolves once PostgreSQL has given it. */
    holdNext() {
      const asked = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      held = { asked: asked.resolve, gate: gate.promise };
      return { asked: asked.promise, release: gate.resolve };
    },
  };
}

describe("a freed slot", () => {
  test("claims after a time in which nothing was wanted, although the last claim took all there was", async () => {
    let wanted = 4;
    let refused = 0;
    const first = await insert("freed");
    const { loop, taken } = start("freed", {
      wanted: () => {
        if (wanted === 0) refused += 1;
        return wanted;
      },
      take: (runs) => {
        taken.push(...runs.map((run) => run.job.id));
        if (runs.length > 0) wanted = 0;
      },
    });
    await until(taken, first);
    await waitFor(() => refused > 0, { description: "a look while nothing is wanted" });

    const second = await insert("freed");
    wanted = 4;
    loop.slotFreed();

    await until(taken, second);
  });
});

describe("a wake-up while lanes are looked for", () => {
  test.each([
    ["of a lane that held nothing before", { queue: "looking-1", priority: -3 }],
    ["of anything", undefined],
  ])("%s is not lost", async (_what, lane) => {
    const queue = lane?.queue ?? "looking-2";
    const { executor, holdNext } = heldDiscovery();
    let asleep = false;
    const { loop, taken } = start(queue, {
      db: executor,
      setAsleep: async (value) => {
        asleep = value;
      },
    });
    await waitFor(() => asleep, { description: "the worker to fall asleep" });
    const look = holdNext();
    loop.wake();
    await look.asked;

    const id = await insert(queue, -3);
    loop.wake(lane);
    look.release();

    await until(taken, id);
  });
});

describe("the last look of a worker that fell asleep", () => {
  test("is made although it was woken while it told that it sleeps", async () => {
    const told = Promise.withResolvers<void>();
    const telling = Promise.withResolvers<void>();
    const { loop, taken } = start("telling", {
      setAsleep: (asleep) => {
        if (asleep) telling.resolve();
        return told.promise;
      },
    });
    await telling.promise;

    const id = await insert("telling", -3);
    loop.wake({ queue: "telling", priority: 5 });
    told.resolve();

    await until(taken, id);
  });

  test("is made although it was woken between, and found nothing yet", async () => {
    let now = 0;
    const timers: { ms: number; fire: () => void }[] = [];
    const clock: Clock = {
      now: () => now,
      random: () => 0.5,
      after(ms, fire) {
        timers.push({ ms, fire });
        return () => undefined;
      },
    };
    const { loop, taken } = start("between", { clock, setAsleep: async () => undefined });
    await waitFor(() => timers.length === 1, { description: "the worker to wait for its last look" });

    now = 5;
    loop.wake({ queue: "between", priority: 5 });
    await waitFor(() => timers.length === 2, { description: "the worker to wait again" });
    const id = await insert("between", -3);
    now = 20;
    timers[1]?.fire();

    await until(taken, id);
    expect(timers.map(({ ms }) => ms).slice(0, 2)).toEqual([20, 15]);
  });
});

test("a worker rests until the poll while all that is due is of types it does not know", async () => {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    random: () => 0.5,
    after(ms) {
      waits.push(ms);
      return () => undefined;
    },
  };
  await insert("strange");

  const { taken } = start("strange", { types: ["known"], clock });
  await waitFor(() => waits.length > 0, { description: "the worker to rest" });

  expect(waits).toEqual([60_000]);
  expect(taken).toEqual([]);
});

test("lanes are looked for again after a look that failed", async () => {
  const db = executorOf(pool);
  let failing = true;
  const errors: unknown[] = [];
  const { loop, taken } = start("away", {
    db: {
      query: (text, values) =>
        failing ? Promise.reject(new Error("The database is away")) : db.query(text, values),
    },
    onError: (error) => void errors.push(error),
  });
  await waitFor(() => errors.length === 1, { description: "the failure" });

  failing = false;
  const id = await insert("away", -3);
  loop.wake({ queue: "away", priority: 5 });

  await until(taken, id);
  expect(errors).toHaveLength(1);
});

test("a run whose job was asked to stop before it was claimed is aborted before its handler begins", async () => {
  const [asked, other] = [await insert("asked"), await insert("asked")];
  await pool.query("INSERT INTO millrace.cancel_requests (job_id) VALUES ($1)", [asked]);
  const reasons = new Map<string, unknown>();

  start("asked", {
    take(runs) {
      for (const run of runs) reasons.set(run.job.id, run.abortReason);
    },
  });

  await waitFor(() => reasons.size === 2, { description: "both jobs to be claimed" });
  expect(reasons.get(asked)).toMatchObject({ code: "JOB_CANCELED" });
  expect(reasons.get(other)).toBeUndefined();
});

test("a loop whose worker has no room goes round at each poll, and claims nothing", async () => {
  let now = 0;
  const held = heldClock((ms) => ms === 1_000);
  // By this number, the poll has no jitter.
  const clock = { ...held, now: () => now, random: () => 0.5 };
  const queue = `full-${crypto.randomUUID()}`;
  const id = await insert(queue);
  const { loop, taken } = start(queue, { clock, pollMs: 1_000, wanted: () => 0 });
  expect(loop.lastRound).toEqual({ at: 0, error: null });

  now = 1_000;
  held.pass(1_000);

  expect(loop.lastRound).toEqual({ at: 1_000, error: null });
  expect(taken).not.toContain(id);
});
