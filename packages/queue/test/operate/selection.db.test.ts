import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type EnqueueOptions, type JobSelection, type Queue } from "../../src/index.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.job_schedules CASCADE`);
});

const STATES = ["queued", "running", "completed", "failed", "canceled"] as const;
type State = (typeof STATES)[number];

const LARGE = "x".repeat(5_000);

/** Enqueues a job that fits what a test looks for, and brings it into a state. */
async function jobIn(state: State, options: EnqueueOptions & { payload?: object; type?: string } = {}) {
  const { payload = {}, type = "t", ...rest } = options;
  const enqueued = { ...rest, maxAttempts: 9, queue: rest.queue ?? "q" };
  const { id } = await queue.enqueue(type, JSON.parse(JSON.stringify(payload)), enqueued);
  if (state === "canceled") await queue.cancel(id);
  if (state === "queued" || state === "canceled") return id;
  const claim = { queues: [enqueued.queue], workerId: "w", limit: 1_000, leaseSeconds: 300 };
  const runs = await queue.runs.claim(claim);
  const others = runs.filter((run) => run.id !== id);
  await queue.runs.release(others.map(({ id, leaseToken }) => ({ id, leaseToken })));
  const mine = runs.filter((run) => run.id === id);
  expect(mine).toHaveLength(1);
  if (state === "completed") await queue.runs.complete(mine);
  if (state === "failed") {
    await queue.runs.fail(mine.map((run) => ({ ...run, error: "Connection REFUSED", retryInMs: null })));
  }
  return id;
}

/** A job in each state, with its id by its state. */
async function inEachState(options: Parameters<typeof jobIn>[1] = {}): Promise<Record<State, string>> {
  const ids: Partial<Record<State, string>> = {};
  for (const state of STATES) ids[state] = await jobIn(state, options);
  return ids as Record<State, string>;
}

async function listed(filter: JobSelection): Promise<string[]> {
  return (await queue.list(filter)).map((job) => job.id).sort();
}

/** How many jobs each command on many jobs would change. */
async function counted(filter: JobSelection) {
  const count = async (states: readonly State[], command: "retryMany" | "cancelMany" | "deleteMany") => {
    let sum = 0;
    for (const state of states) {
      const result = await queue[command]({ ...filter, state }, { dryRun: true });
      sum += result.changed + ("cancelRequested" in result ? (result.cancelRequested as number) : 0);
    }
    return sum;
  };
  return {
    retry: await count(["completed", "failed", "canceled"], "retryMany"),
    cancel: await count(["queued", "running"], "cancelMany"),
    delete: await count(["queued", "completed", "failed", "canceled"], "deleteMany"),
  };
}

const EACH = { retry: 3, cancel: 2, delete: 4 };
const NONE = { retry: 0, cancel: 0, delete: 0 };

describe("every field selects the same jobs in every place, for list and for commands on many jobs", () => {
  test.each<[string, Parameters<typeof jobIn>[1], JobSelection]>([
    ["queue", { queue: "mine" }, { queue: "mine" }],
    ["type", { type: "mine" }, { type: "mine" }],
    ["one tag", { tags: ["vip", "eu"] }, { tags: ["vip"] }],
    ["all tags", { tags: ["vip", "eu", "new"] }, { tags: ["new", "vip"] }],
    [
      "a part of a payload",
      { payload: { order: { id: 7 }, n: [1, 2] } },
      { payloadContains: { order: { id: 7 } } },
    ],
    ["an element of a payload's array", { payload: { n: [1, 2] } }, { payloadContains: { n: [2] } }],
    ["a part of a large payload", { payload: { LARGE, order: 7 } }, { payloadContains: { order: 7 } }],
  ])("%s", async (_name, options, filter) => {
    await inEachState({ tags: ["eu"], payload: { order: { id: 8 }, n: [3], LARGE } });
    const mine = await inEachState(options);

    expect(await listed(filter)).toEqual(Object.values(mine).sort());
    expect(await counted(filter)).toEqual(EACH);
  });

  test("ids, and the beginning and the end of an id", async () => {
    await inEachState();
    for (const id of Object.values(await inEachState())) {
      const undashed = id.replaceAll("-", "");
      for (const filter of [
        { ids: [id, "00000000-0000-7000-8000-000000000000"] },
        { idPrefix: id },
        { idPrefix: id.slice(0, -1) },
        { idPrefix: undashed.slice(0, 30) },
        { idSuffix: id.slice(-12) },
        { idSuffix: id.slice(-10).toUpperCase() },
      ]) {
        expect({ filter, found: await listed(filter) }).toEqual({ filter, found: [id] });
        const { retry, cancel, delete: deleted } = await counted(filter);
        expect(retry + cancel).toBe(1);
        expect(deleted).toBe(cancel === 1 && (await queue.get(id)).state === "running" ? 0 : 1);
      }
    }
    expect(await listed({ ids: [] })).toEqual([]);
    expect(await listed({ idPrefix: "ffff" })).toEqual([]);
    expect(await counted({ idPrefix: "ffff" })).toEqual(NONE);
  });

  test("a key, as long as the job has the key", async () => {
    await inEachState();
    for (const state of STATES) {
      const id = await jobIn(state, { idempotencyKey: state, keyScope: "active" });

      expect(await listed({ idempotencyKey: state })).toEqual([id]);
      expect(await queue.findByKey(state)).toEqual(await queue.get(id));
      const { retry, cancel } = await counted({ idempotencyKey: state });
      expect(retry + cancel).toBe(1);
      expect(await counted({ idempotencyKey: state, ids: ["00000000-0000-7000-8000-000000000000"] })).toEqual(
        NONE,
      );
    }
    const before = await queue.findByKey("failed");
    const { id: next } = await queue.enqueue("t", {}, { idempotencyKey: "failed" });

    expect(next).not.toBe(before?.id);
    expect(await listed({ idempotencyKey: "failed" })).toEqual([next]);
    expect((await queue.findByKey("failed"))?.id).toBe(next);
    expect(await queue.findByKey("nobody's")).toBeNull();
    expect(await listed({ idempotencyKey: "nobody's" })).toEqual([]);
    expect(await counted({ idempotencyKey: "nobody's" })).toEqual(NONE);
  });

  test("a text of the last error, of jobs in backoff, running again and failed", async () => {
    await inEachState();
    const { failed } = await inEachState();
    const fail = async (id: string, retryInMs: number) => {
      const { leaseToken } = await queue.get(id);
      await queue.runs.fail([{ id, leaseToken, error: "Connection REFUSED", retryInMs }]);
      return id;
    };
    const inBackoff = await fail(await jobIn("running", { queue: "backoff" }), 3_600_000);
    const again = await fail(await jobIn("running", { queue: "again" }), 0);
    await queue.runs.claim({ queues: ["again"], workerId: "w", limit: 1, leaseSeconds: 300 });

    const found = await queue.list({ errorIncludes: "connection refused" });
    expect(Object.fromEntries(found.map((job) => [job.id, job.state]))).toMatchObject({
      [failed]: "failed",
      [inBackoff]: "queued",
      [again]: "running",
    });
    expect(found.every((job) => job.lastError === "Connection REFUSED")).toBe(true);
    expect(await counted({ errorIncludes: "connection refused", queue: "again" })).toMatchObject({
      cancel: 1,
    });
    expect(await listed({ errorIncludes: "refused!" })).toEqual([]);
    expect(await listed({ errorIncludes: "%" })).toEqual([]);
  });

  test("instants: of the enqueue, of the end of ended jobs, and of the due time of queued ones", async () => {
    const ids = await inEachState();
    const hour = 3_600_000;
    const [past, future] = [new Date(Date.now() - hour), new Date(Date.now() + hour)];
    const all = Object.values(ids).sort();
    const ended = [ids.completed, ids.failed, ids.canceled].sort();

    expect(await listed({ createdBefore: future, createdAfter: past })).toEqual(all);
    expect(await counted({ createdBefore: future, createdAfter: past })).toEqual(EACH);
    expect(await listed({ createdBefore: past })).toEqual([]);
    expect(await listed({ createdAfter: future })).toEqual([]);
    expect(await counted({ createdAfter: future })).toEqual(NONE);
    expect(await listed({ finishedBefore: future })).toEqual(ended);
    expect(await listed({ finishedAfter: past })).toEqual(ended);
    expect(await counted({ finishedAfter: past })).toEqual({ retry: 3, cancel: 0, delete: 3 });
    expect(await listed({ finishedBefore: past })).toEqual([]);
    expect(await listed({ finishedAfter: future })).toEqual([]);
    expect(await listed({ dueBefore: future })).toEqual([ids.queued]);
    expect(await counted({ dueBefore: future })).toEqual({ retry: 0, cancel: 1, delete: 1 });
    expect(await listed({ dueBefore: past })).toEqual([]);
    expect(await listed({ dueBefore: future, finishedAfter: past })).toEqual([]);
  });

  test("a schedule, alike before and after its deletion", async () => {
    const scheduleId = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";
    await pool.query(
      "INSERT INTO millrace.job_schedules (id, name, job_type, cron_expr) VALUES ($1, 's', 't', '@daily')",
      [scheduleId],
    );
    const mine = await inEachState({ scheduleId });
    await inEachState();
    const seen = async () => [await listed({ scheduleId }), await counted({ scheduleId })];

    expect(await seen()).toEqual([Object.values(mine).sort(), EACH]);
    await pool.query("DELETE FROM millrace.job_schedules");
    expect(await seen()).toEqual([Object.values(mine).sort(), EACH]);

    expect(await queue.cancelMany({ scheduleId })).toMatchObject({ changed: 1, cancelRequested: 1 });
    expect((await queue.get(mine.running)).cancelRequestedAt).toBeInstanceOf(Date);
    expect(await queue.deleteMany({ scheduleId })).toMatchObject({ changed: 4 });
  });

  test("fields together select the jobs that fit all of them", async () => {
    const { failed } = await inEachState({ tags: ["vip"], payload: { order: 7 }, queue: "mine" });
    await inEachState({ tags: ["vip"], payload: { order: 7 } });

    const filter = { tags: ["vip"], payloadContains: { order: 7 }, queue: "mine", errorIncludes: "refused" };
    expect(await listed({ ...filter, state: "failed" })).toEqual([failed]);
    expect(await listed({ ...filter, state: "completed" })).toEqual([]);
  });
});

describe("a list by due time", () => {
  test("is in the order of the due times over all queues and priorities, page by page", async () => {
    const at = Date.UTC(2031, 0, 1);
    const jobs = Array.from({ length: 23 }, (_, n) => ({
      type: n % 5 === 0 ? "rare" : "t",
      queue: `q${n % 3}`,
      priority: n % 4,
      // Some jobs are due at the same instant: then the smaller id comes first.
      runAt: new Date(at + ((n * 7) % 11) * 1_000),
    }));
    const made = await queue.enqueueMany(jobs);
    const rank = new Map(made.map(({ id }, n) => [id, jobs[n]?.runAt.getTime() ?? 0]));
    const inOrder = [...rank.keys()].sort(
      (a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || (a < b ? -1 : 1),
    );
    await inEachState({ queue: "other" });
    await queue.cancelMany({ queue: "other" });

    expect(await pages({ limit: 4 })).toEqual(inOrder);
    const queueOf = new Map(made.map(({ id }, n) => [id, jobs[n]]));
    expect(await pages({ limit: 3, queue: "q1" })).toEqual(
      inOrder.filter((id) => queueOf.get(id)?.queue === "q1"),
    );
    expect(await pages({ limit: 2, type: "rare" })).toEqual(
      inOrder.filter((id) => queueOf.get(id)?.type === "rare"),
    );
    expect(await pages({ limit: 2, ids: inOrder.slice(3, 9) })).toEqual(inOrder.slice(3, 9));
    expect(await pages({ limit: 50, dueBefore: new Date(at + 3_000) })).toEqual(
      inOrder.filter((id) => (rank.get(id) ?? 0) < at + 3_000),
    );
  });

  async function pages(filter: Parameters<Queue["list"]>[0]): Promise<string[]> {
    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await queue.list({
        ...filter,
        order: "oldest-due",
        ...(before === undefined ? {} : { before }),
      });
      if (page.length === 0) return seen;
      seen.push(...page.map((job) => job.id));
      before = page.at(-1)?.id;
    }
  }

  test("goes on after a job that was claimed or ended meanwhile, and says when the job is gone", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push((await queue.enqueue("t", {}, { queue: "q" })).id);
    const before = ids[1] ?? "";
    const runs = await queue.runs.claim({ queues: ["q"], workerId: "w", limit: 2, leaseSeconds: 300 });
    const after = async () => (await queue.list({ order: "oldest-due", before })).map((job) => job.id);

    expect(await after()).toEqual(ids.slice(2));
    await queue.runs.complete(runs);
    expect(await after()).toEqual(ids.slice(2));
    await queue.deleteMany({ ids: [before] });
    await expect(after()).rejects.toMatchObject({ code: "JOB_NOT_FOUND", jobId: before });
  });

  test("has the jobs that wait for something other than time at its end", async () => {
    const [first, last] = [await jobIn("queued"), await jobIn("queued")];
    await pool.query("UPDATE millrace.waiting_jobs SET run_at = 'infinity' WHERE id = $1", [first]);

    expect((await queue.list({ order: "oldest-due" })).map((job) => job.id)).toEqual([last, first]);
  });
});
