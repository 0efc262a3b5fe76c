import { heldClock, waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { createWorker } from "../../src/index.ts";
import { RELEASE } from "../../src/wake/release.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const nameOf = () => `set-${crypto.randomUUID()}`;

const enqueue = (queue: string, count = 1) =>
  workers.queue.enqueueMany(Array.from({ length: count }, () => ({ type: "t", queue })));

/** Waits until the worker has sent claims after everything that was enqueued before: then it is known what it left. */
async function untilRan(queue: string): Promise<void> {
  const { id } = await workers.queue.enqueue("t", {}, { queue });
  await workers.untilState(id, "completed");
}

async function rowOf(workerId: string): Promise<{ queues: string[] } | undefined> {
  const { rows } = await workers.pool.query("SELECT queues FROM millrace.workers WHERE worker_id = $1", [
    workerId,
  ]);
  return rows[0];
}

const statusOf = async (id: string) => (await workers.queue.workers()).find((each) => each.id === id);

async function queuedIn(queue: string): Promise<number> {
  const { rows } = await workers.pool.query("SELECT FROM millrace.waiting_jobs WHERE queue = $1", [queue]);
  return rows.length;
}

describe("a paused worker", () => {
  test("claims nothing, and claims again when it is resumed", async () => {
    const name = nameOf();
    const { worker, events } = workers.start([anyTask("t", () => undefined)], { queues: [name] });
    await untilRan(name);
    expect(worker.isPaused).toBe(false);
    await worker.pause();
    expect(worker.isPaused).toBe(true);
    const [job] = await enqueue(name);
    // Another worker would have run the job by now: it ran one that was enqueued after it.
    const beside = nameOf();
    workers.start([anyTask("t", () => undefined)], { queues: [beside] });
    await untilRan(beside);
    expect(await workers.stateOf(job?.id ?? "")).toBe("queued");

    worker.resume();

    await workers.untilState(job?.id ?? "", "completed");
    expect(worker.isPaused).toBe(false);
    expect(
      events.filter(({ kind }) => kind === "paused" || kind === "resumed").map(({ kind }) => kind),
    ).toEqual(["paused", "resumed"]);
  });

  test("says in its row since when, by the database's clock, until it is resumed", async () => {
    const clock = heldClock((ms) => ms === 10_000);
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [nameOf()], clock });
    const { rows } = await workers.pool.query("SELECT now() AS now");

    await worker.pause();

    const pausedAt = (await statusOf(worker.workerId))?.pausedAt;
    expect(pausedAt?.getTime()).toBeGreaterThanOrEqual(rows[0].now.getTime());
    const seenAt = (await statusOf(worker.workerId))?.seenAt?.getTime() ?? 0;
    const isWritten = async () => {
      // Other loops have timers of this length, too: several may pass before the worker's beat.
      clock.pass(10_000);
      return ((await statusOf(worker.workerId))?.seenAt?.getTime() ?? 0) > seenAt;
    };
    await waitFor(isWritten, { description: "the next write" });
    expect((await statusOf(worker.workerId))?.pausedAt).toEqual(pausedAt);
    worker.resume();
    await waitFor(async () => (await statusOf(worker.workerId))?.pausedAt === null, {
      description: "the row of a worker that goes on",
    });
  });

  test("that was paused before its start says so in its first row", async () => {
    const worker = createWorker({ db: workers.pool, tasks: [anyTask("t", () => undefined)], concurrency: 7 });
    await worker.pause();
    worker.start();

    await waitFor(async () => (await statusOf(worker.workerId)) !== undefined, { description: "its row" });

    expect(await statusOf(worker.workerId)).toMatchObject({ pausedAt: expect.any(Date), concurrency: 7 });
    await worker.set({ concurrency: 9 });
    expect(await statusOf(worker.workerId)).toMatchObject({ concurrency: 9, release: RELEASE });
    await worker.stop();
  });

  test("lets its running jobs end, renews their leases, and has given back what it claimed ahead", async () => {
    const name = nameOf();
    const held = heldHandler();
    const quick = anyTask("quick", () => undefined);
    const { worker } = workers.start([anyTask("t", held.run), quick], {
      queues: [name],
      concurrency: 2,
      leaseSeconds: 5,
      renewal: "loop",
    });
    // Handlers that take no time let a worker claim far ahead.
    await workers.queue.enqueueMany(Array.from({ length: 200 }, () => ({ type: "quick", queue: name })));
    await waitFor(async () => (await queuedIn(name)) === 0, { description: "the quick jobs to run" });
    await enqueue(name, 50);
    await waitFor(() => held.begun.length === 2, { description: "two runs" });

    await worker.pause();

    expect(await queuedIn(name)).toBe(48);
    const leases = async () => {
      const { rows } = await workers.pool.query(
        "SELECT max(lease_until)::text AS until FROM millrace.claims WHERE queue = $1",
        [name],
      );
      return rows[0].until;
    };
    const before = await leases();
    await waitFor(async () => (await leases()) > before, { description: "a renewal" });
    held.release();
    await waitFor(
      async () => (await workers.queue.list({ queue: name, type: "t", state: "completed" })).length === 2,
      {
        description: "both runs to end",
      },
    );
    expect(await queuedIn(name)).toBe(48);
    const { rows } = await workers.pool.query(
      "SELECT DISTINCT attempts FROM millrace.waiting_jobs WHERE queue = $1",
      [name],
    );
    expect(rows).toEqual([{ attempts: 0 }]);
  });

  test("before its start claims nothing until it is resumed, and can be stopped", async () => {
    const name = nameOf();
    const [job] = await enqueue(name);
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [name] });
    await worker.pause();
    await worker.pause();
    worker.resume();
    await workers.untilState(job?.id ?? "", "completed");
    await worker.pause();

    await worker.stop();
  });
});

describe("set", () => {
  test("with more concurrency fills the new slots at once", async () => {
    const name = nameOf();
    const held = heldHandler();
    const { worker, events } = workers.start([anyTask("t", held.run)], {
      queues: [name],
      concurrency: 1,
      pollMs: 60_000,
    });
    await enqueue(name, 5);
    await waitFor(() => held.begun.length === 1, { description: "a run" });

    await worker.set({ concurrency: 4 });

    await waitFor(() => held.begun.length === 4, { description: "four runs" });
    held.release();
    expect(events).toContainEqual({
      kind: "changed",
      workerId: worker.workerId,
      queues: [name],
      concurrency: 4,
    });
  });

  test("with less concurrency lets running jobs end, begins no more, and gives back the others", async () => {
    const name = nameOf();
    let running = 0;
    let most = 0;
    const held = heldHandler();
    const task = anyTask("t", async (payload, context) => {
      running += 1;
      most = Math.max(most, running);
      await held.run(payload, context);
      running -= 1;
    });
    const { worker } = workers.start([task], { queues: [name], concurrency: 5 });
    await enqueue(name, 5);
    await waitFor(() => held.begun.length === 5, { description: "five runs" });
    await enqueue(name, 20);

    await worker.set({ concurrency: 1 });

    expect(held.begun).toHaveLength(5);
    most = 0;
    held.release();
    await waitFor(async () => (await queuedIn(name)) === 0 && running === 0, {
      description: "all jobs to end",
    });
    expect(held.begun).toHaveLength(25);
    expect(most).toBeLessThanOrEqual(5);
  });

  test("with other queues claims from them at once, claims no longer from others, and its row says so", async () => {
    const [old, other] = [nameOf(), nameOf()];
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [old], pollMs: 60_000 });
    await untilRan(old);
    const [job] = await enqueue(other);

    await worker.set({
      queues: [
        { name: other, weight: 3 },
        { name: `${other}-2`, weight: 1 },
      ],
    });

    expect((await rowOf(worker.workerId))?.queues).toEqual([other, `${other}-2`]);
    await workers.untilState(job?.id ?? "", "completed");
    const [left] = await enqueue(old);
    await untilRan(other);
    await untilRan(`${other}-2`);
    expect(await workers.stateOf(left?.id ?? "")).toBe("queued");
  });

  test("a notice of a new queue reaches the worker", async () => {
    const [old, other] = [nameOf(), nameOf()];
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [old], pollMs: 60_000 });
    await untilRan(old);
    await worker.set({ queues: [other] });
    await untilRan(other);
    await waitFor(
      async () => {
        const { rows } = await workers.pool.query(
          "SELECT FROM millrace.workers WHERE worker_id = $1 AND asleep",
          [worker.workerId],
        );
        return rows.length === 1;
      },
      { description: "the worker to sleep" },
    );

    await untilRan(other);
  });

  test.each([
    [{}, "changes nothing"],
    [{ concurrency: 0 }, "`concurrency`"],
    [{ queues: [] }, "at least one queue name"],
    [{ queues: "mail" }, "an array of queue names"],
    [{ queue: ["mail"] }, "did you mean `queues`?"],
    [{ concurrency: undefined }, "`change.concurrency` is undefined"],
  ])("refuses %j and changes nothing", async (change, message) => {
    const name = nameOf();
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [name] });

    // The boundary: a call as JavaScript can make it.
    await expect(worker.set(change as object)).rejects.toThrow(message);

    await untilRan(name);
  });

  test("refuses a worker that was stopped", async () => {
    const { worker } = workers.start([anyTask("t", () => undefined)], { queues: [nameOf()] });
    await worker.stop();

    await expect(worker.set({ concurrency: 2 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
