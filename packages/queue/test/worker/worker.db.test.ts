import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineTask,
  Fatal,
  JobCanceledError,
  RetryLater,
  systemClock,
  WorkerStoppingError,
} from "../../src/index.ts";
import { pollingNever } from "../polling-never.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

describe("a worker", () => {
  test("runs what is enqueued and completes it", async () => {
    const seen: unknown[] = [];
    const { events } = workers.start([anyTask("echo", (payload) => seen.push(payload))]);

    const { id } = await workers.queue.enqueue("echo", { n: 1 });

    await workers.untilState(id, "completed");
    expect(seen).toEqual([{ n: 1 }]);
    await waitFor(() => events.some((event) => event.kind === "job-completed"), { description: "the event" });
  });

  test("runs no more than its concurrency at a time, and fills a freed slot from the backlog", async () => {
    let running = 0;
    let most = 0;
    const busy = anyTask("busy", async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    await workers.queue.enqueueMany(Array.from({ length: 40 }, () => ({ type: "busy" })));
    workers.start([busy], { concurrency: 3, pollMs: 60_000, clock: pollingNever });

    await waitFor(
      async () => (await workers.queue.list({ type: "busy", state: "completed" })).length === 40,
      {
        description: "all 40 complete without another poll",
      },
    );
    expect(most).toBe(3);
  });

  test("retries a throwing handler with the backoff of its attempt and the injected random source", async () => {
    const { id } = await workers.queue.enqueue("flaky");
    workers.start(
      [
        anyTask("flaky", () => {
          throw new Error("first time", { cause: new Error("the reason behind") });
        }),
      ],
      { clock: { ...systemClock, random: () => 0.25 } },
    );

    await waitFor(async () => (await workers.queue.attempts(id)).length === 1, {
      description: "the attempt is recorded",
    });
    const { rows } = await workers.pool.query(
      `SELECT state, attempts, (extract(epoch FROM run_at - updated_at) * 1000)::int AS delay
       FROM millrace.jobs WHERE id = $1`,
      [id],
    );
    expect(rows).toEqual([{ state: "queued", attempts: 1, delay: 5_250 }]);
    const [attempt] = await workers.queue.attempts(id);
    expect(attempt).toMatchObject({ outcome: "retried", attempt: 1 });
    expect(attempt?.error).toMatch(/Error: first time\n\s+at .*\n(.*\n)*Caused by: Error: the reason behind/);
  });

  test.each([
    ["its attempts are used up", 1, () => new Error("last")],
    ["it throws Fatal", 3, () => new Fatal("hopeless")],
  ])("fails a job for good when %s", async (_when, maxAttempts, makeError) => {
    const { id } = await workers.queue.enqueue("doomed", {}, { maxAttempts });
    workers.start([
      anyTask("doomed", () => {
        throw makeError();
      }),
    ]);

    await workers.untilState(id, "failed");
    expect((await workers.queue.get(id)).lastError).toMatch(/last|hopeless/);
  });

  test("RetryLater chooses the delay", async () => {
    const { id } = await workers.queue.enqueue("later");
    workers.start([
      anyTask("later", () => {
        throw new RetryLater("busy", { delayMs: 77_000 });
      }),
    ]);

    await waitFor(async () => (await workers.queue.attempts(id)).length === 1, {
      description: "the attempt is recorded",
    });
    const { rows } = await workers.pool.query(
      "SELECT extract(epoch FROM run_at - updated_at)::int AS s FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ s: 77 }]);
  });

  test("a stored payload that does not fit fails its job at once, and the payload is kept", async () => {
    const { id } = await workers.queue.enqueue("strict", { n: "seven" });
    workers.start([
      defineTask({ name: "strict", payload: z.object({ n: z.number() }), run: () => undefined }),
    ]);

    await workers.untilState(id, "failed");
    const job = await workers.queue.get(id);
    expect(job).toMatchObject({ attempts: 1, payload: { n: "seven" } });
    expect(job.lastError).toMatch(/INVALID_PAYLOAD/);
  });

  test("a handler that outlasts its time-out is aborted, and its attempt fails with the time-out", async () => {
    const held = heldHandler();
    const { id } = await workers.queue.enqueue("slow", {}, { maxAttempts: 1 });
    workers.start([anyTask("slow", held.runUntilAborted, 50)]);

    await workers.untilState(id, "failed");
    expect((await workers.queue.get(id)).lastError).toMatch(/JOB_TIMEOUT/);
  });

  test("that runs a job which is canceled aborts the handler, and the job ends as canceled", async () => {
    const held = heldHandler();
    const { id } = await workers.queue.enqueue("cancel-me");
    workers.start([anyTask("cancel-me", held.runUntilAborted)]);
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    expect(await workers.queue.cancel(id)).toBe("cancel-requested");

    await workers.untilState(id, "canceled");
    expect(held.begun[0]?.signal.reason).toBeInstanceOf(JobCanceledError);
  });
});

describe("stop", () => {
  test("lets a running handler finish and claims nothing more", async () => {
    const held = heldHandler();
    const first = await workers.queue.enqueue("finish");
    const { worker, events } = workers.start([anyTask("finish", held.run)], { concurrency: 1 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });
    const second = await workers.queue.enqueue("finish");

    const stopped = worker.stop();
    held.release();
    await stopped;

    expect([await workers.stateOf(first.id), await workers.stateOf(second.id)]).toEqual([
      "completed",
      "queued",
    ]);
    expect(events.at(-1)?.kind).toBe("stopped");
  });

  test("after the grace period aborts what still runs and queues it again, attempt refunded", async () => {
    const held = heldHandler();
    const { id } = await workers.queue.enqueue("endless");
    const { worker } = workers.start([anyTask("endless", held.runUntilAborted)], { shutdownGraceMs: 0 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    await worker.stop();

    expect(held.begun[0]?.signal.reason).toBeInstanceOf(WorkerStoppingError);
    expect(await workers.queue.get(id)).toMatchObject({ state: "queued", attempts: 0, leaseUntil: null });
  });

  test("is the same stop when asked twice", async () => {
    const { worker, events } = workers.start([anyTask("none", () => undefined)]);

    await Promise.all([worker.stop(), worker.stop()]);

    expect(events.filter((event) => event.kind === "stopped")).toHaveLength(1);
  });
});
