import { describe, expect, test } from "vitest";
import type { ClaimedJob, Queue } from "../../../src/index.ts";
import { openTransaction } from "../../open-transaction.ts";
import { expire } from "../../settle/claim-together.ts";
import { useLatest } from "./use-latest.ts";

const files = useLatest();

const retryInMs = 3_600_000;

describe("while the key's job is queued", () => {
  test("an enqueue overwrites the job", async () => {
    const jobs = files.keyed();
    const first = await jobs.enqueue(1);

    expect(await jobs.enqueue(2)).toEqual({ id: first.id, outcome: "replaced" });
    expect(await jobs.claim()).toMatchObject([{ id: first.id, payload: 2 }]);
  });

  test("an enqueue overwrites a job that waits for its next attempt, and the job has all its attempts", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    await files.queue.runs.fail([{ ...run, error: "x", retryInMs }]);

    expect(await jobs.enqueue(2)).toEqual({ id: run.id, outcome: "replaced" });
    expect(await jobs.claim()).toMatchObject([{ id: run.id, payload: 2, attempt: 1 }]);
  });
});

describe("while the key's job runs", () => {
  test("the first enqueue makes a follower, later ones overwrite it, and none is due", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);

    const follower = await jobs.enqueue(2);
    expect(follower.outcome).toBe("enqueued");
    expect(await jobs.enqueue(3)).toEqual({ id: follower.id, outcome: "replaced" });

    const job = await files.queue.get(follower.id);
    expect(job).toMatchObject({ state: "queued", runAt: null, payload: 3, idempotencyKey: jobs.key });
    expect((await files.queue.get(run.id)).idempotencyKey).toBeNull();
    expect(await jobs.claim()).toEqual([]);
  });

  test("the follower goes on waiting while the first job waits for its next attempt", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    const follower = await jobs.enqueue(2);
    await files.queue.runs.fail([{ ...run, error: "x", retryInMs }]);

    expect(await jobs.enqueue(3)).toEqual({ id: follower.id, outcome: "replaced" });
    expect(await jobs.claim()).toEqual([]);
  });

  test("enqueues of one call make one follower, of the last of them", async () => {
    const jobs = files.keyed();
    await jobs.begin(0);
    const options = { queue: jobs.key, latest: { key: jobs.key } };

    const results = await files.queue.enqueueMany(
      [1, 2, 3].map((payload) => ({ type: "t", payload, ...options })),
    );

    expect(results.map(({ outcome }) => outcome)).toEqual(["enqueued", "replaced", "replaced"]);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect((await files.queue.get(results[0]?.id ?? "")).payload).toBe(3);
  });

  test("a large payload and the settings of the follower come with it", async () => {
    const jobs = files.keyed();
    await jobs.begin(1);
    const payload = { text: "x".repeat(5_000) };

    const { id } = await files.queue.enqueue("u", payload, {
      queue: jobs.key,
      latest: { key: jobs.key },
      priority: 7,
      tags: ["a"],
      timeoutMs: 5,
    });

    expect(await files.queue.get(id)).toMatchObject({
      type: "u",
      payload,
      priority: 7,
      tags: ["a"],
      settings: { timeoutMs: 5 },
    });
  });
});

const ENDS: [string, (queue: Queue, run: ClaimedJob, key: string) => Promise<unknown>][] = [
  ["completes", (queue, run) => queue.runs.complete([run])],
  ["completes with an output", (queue, run) => queue.runs.complete([{ ...run, output: "1" }])],
  ["fails", (queue, run) => queue.runs.fail([{ ...run, error: "x", retryInMs: null }])],
  [
    "cancels itself",
    (queue, run) => queue.runs.fail([{ ...run, error: "x", retryInMs: null, cancel: true }]),
  ],
  [
    "is canceled while it runs",
    async (queue, run) => {
      await queue.cancel(run.id);
      await queue.runs.release([run]);
    },
  ],
  [
    "is canceled while it waits for its next attempt",
    async (queue, run) => {
      await queue.runs.fail([{ ...run, error: "x", retryInMs }]);
      await queue.cancel(run.id);
    },
  ],
  [
    "is canceled by a command on many jobs",
    async (queue, run) => {
      await queue.runs.fail([{ ...run, error: "x", retryInMs }]);
      await queue.cancelMany({ ids: [run.id] });
    },
  ],
  [
    "is deleted",
    async (queue, run) => {
      await queue.runs.fail([{ ...run, error: "x", retryInMs }]);
      await queue.deleteMany({ ids: [run.id] });
    },
  ],
  [
    "crashed too often",
    async (queue, _run, key) => {
      await expire(files.pool, key);
      await queue.runs.recover({ maxCrashes: 0 });
    },
  ],
  [
    "crashed, and was to be canceled",
    async (queue, run, key) => {
      await queue.cancel(run.id);
      await expire(files.pool, key);
      await queue.runs.recover();
    },
  ],
];

describe("when the first job ends", () => {
  test.each(ENDS)("because it %s, the follower is due, and has no trace of the first", async (_how, end) => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    const { id } = await jobs.enqueue(2);

    await end(files.queue, run, jobs.key);

    expect(await jobs.claim()).toMatchObject([{ id, payload: 2 }]);
    const { rows } = await files.pool.query("SELECT settings FROM millrace.running_jobs WHERE id = $1", [id]);
    expect(rows).toEqual([{ settings: null }]);
  });

  test("an enqueue after the end makes a job that is due", async () => {
    const jobs = files.keyed();
    await files.queue.runs.complete([await jobs.begin(1)]);

    const { id, outcome } = await jobs.enqueue(2);

    expect(outcome).toBe("enqueued");
    expect(await jobs.claim()).toMatchObject([{ id }]);
  });

  test("the follower is the job to follow next", async () => {
    const jobs = files.keyed();
    const first = await jobs.begin(1);
    await jobs.enqueue(2);
    await files.queue.runs.complete([first]);
    const [second] = await jobs.claim();
    const third = await jobs.enqueue(3);

    expect(await jobs.claim()).toEqual([]);
    await files.queue.runs.complete(second === undefined ? [] : [second]);

    expect(await jobs.claim()).toMatchObject([{ id: third.id, payload: 3 }]);
  });

  test("a job enqueued in the transaction that completes the first is due at the commit", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    await using transaction = await openTransaction(files.pool);
    const tx = transaction.client;
    const { id } = await files.queue.enqueue("t", 2, { queue: jobs.key, latest: { key: jobs.key }, tx });
    await files.queue.runs.complete([run], { tx });

    await transaction.end("COMMIT");

    expect(await jobs.claim()).toMatchObject([{ id }]);
  });
});

describe("when the follower goes", () => {
  test.each(["canceled", "deleted", "canceled and deleted"])(
    "%s, the next enqueue makes another one that waits for the first job",
    async (how) => {
      const jobs = files.keyed();
      const run = await jobs.begin(1);
      const gone = await jobs.enqueue(2);
      if (how.startsWith("canceled")) await files.queue.cancel(gone.id);
      if (how.endsWith("deleted")) await files.queue.deleteMany({ ids: [gone.id] });

      const { id, outcome } = await jobs.enqueue(3);

      expect(outcome).toBe("enqueued");
      expect(await jobs.claim()).toEqual([]);
      await files.queue.runs.complete([run]);
      expect(await jobs.claim()).toMatchObject([{ id, payload: 3 }]);
    },
  );

  test("and the first job has ended, the next enqueue makes a job that is due", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    const gone = await jobs.enqueue(2);
    await files.queue.cancel(gone.id);
    await files.queue.runs.complete([run]);

    const { id } = await jobs.enqueue(3);

    expect(await jobs.claim()).toMatchObject([{ id }]);
  });

  test("with the first job, by one command, the key is free", async () => {
    const jobs = files.keyed();
    const run = await jobs.begin(1);
    const gone = await jobs.enqueue(2);
    await files.queue.runs.fail([{ ...run, error: "x", retryInMs }]);
    await files.queue.deleteMany({ ids: [run.id, gone.id] });

    const { id } = await jobs.enqueue(3);

    expect(await jobs.claim()).toMatchObject([{ id, payload: 3 }]);
  });
});

test("other rules for a taken key leave a follower where it is", async () => {
  const jobs = files.keyed();
  const run = await jobs.begin(1);
  const { id } = await jobs.enqueue(2);
  const key = { queue: jobs.key, idempotencyKey: jobs.key, keyScope: "active" } as const;

  expect(await files.queue.enqueue("t", 3, key)).toEqual({ id, outcome: "duplicate" });
  expect(await files.queue.enqueue("t", 4, { ...key, onDuplicate: "replace" })).toEqual({
    id,
    outcome: "replaced",
  });

  expect(await jobs.claim()).toEqual([]);
  await files.queue.runs.complete([run]);
  expect(await jobs.claim()).toMatchObject([{ id, payload: 4 }]);
});
