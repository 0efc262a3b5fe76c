import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tally } from "./effects.ts";
import { startChild } from "./start-child.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

/** Starts a worker that freezes over one job until it is told to thaw, and then another that is ready to take it. */
async function freeze(
  name: string,
  worker: { renewal: "thread" | "loop"; leaseSeconds: number; maxBlockedMs?: number },
) {
  const frozen = { url: database.url, queue: name, name: `${name}-frozen` };
  const folder = await mkdtemp(join(tmpdir(), "millrace-frozen-"));
  const until = join(folder, "thaw");
  const payload = { block: { worker: frozen.name, until } };
  const [id = ""] = await enqueueWork(queue, name, { count: 1, payload });
  const first = startChild({ ...frozen, worker });
  await waitFor(() => first.idsOf("begun").includes(id), { description: "the loop to be blocked" });
  const second = startChild({ ...frozen, name: `${name}-other` });
  return {
    id,
    first,
    second,
    thaw: () => writeFile(until, ""),
    async [Symbol.asyncDispose]() {
      await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
      await rm(folder, { recursive: true });
    },
  };
}

describe("a handler that blocks the event loop for longer than its lease", () => {
  test.concurrent("keeps the job when a thread renews: it completes once, and nobody else runs it", async () => {
    await using frozen = await freeze("kept", { renewal: "thread", leaseSeconds: 15 });
    const { id, first, second, thaw } = frozen;

    const { leaseUntil: claimedUntil, leaseToken } = await queue.get(id);
    const outlived = async () => {
      // Who sleeps has looked for jobs before.
      const { rows } = await pool.query(
        "SELECT FROM millrace.workers WHERE worker_id = 'kept-other' AND asleep AND now() > $1",
        [claimedUntil],
      );
      return rows.length === 1;
    };
    await waitFor(outlived, { description: "a lease's time to pass" });
    await thaw();
    await waitFor(() => first.idsOf("job-completed").includes(id), { description: "completion" });

    expect((await queue.get(id)).leaseToken).toBe(leaseToken);
    expect(second.idsOf("job-started")).toEqual([]);
    expect(await queue.attempts(id)).toEqual([]);
    const counts = await tally(pool, [id]);
    expect(counts).toMatchObject({ completed: 1, ranTwice: 0, crashes: 0 });
    await record("frozen loop, renewed by a thread", { injected: 1, staleRefused: 0, ...counts });
  });

  test.concurrent("loses it when the loop renews: another worker completes, a late completion is refused", async () => {
    await using frozen = await freeze("lost", { renewal: "loop", leaseSeconds: 10 });
    const { id, first, second, thaw } = frozen;

    await waitFor(() => second.idsOf("job-completed").includes(id), { description: "recovery" });
    await thaw();
    await waitFor(() => first.idsOf("lease-lost").includes(id), { description: "the refusal" });

    expect(first.idsOf("job-completed")).toEqual([]);
    expect(await queue.get(id)).toMatchObject({ state: "completed", workerId: "lost-other" });
    const counts = await tally(pool, [id]);
    expect(counts).toMatchObject({ completed: 1, ranTwice: 1, crashes: 1 });
    await record("frozen loop, renewed by the loop", { injected: 1, staleRefused: 1, ...counts });
  });

  test.concurrent("loses it too when it blocks longer than the thread goes on for it", async () => {
    await using frozen = await freeze("bounded", {
      renewal: "thread",
      leaseSeconds: 10,
      maxBlockedMs: 1_000,
    });
    const { id, first, second, thaw } = frozen;

    await waitFor(() => second.idsOf("job-completed").includes(id), { description: "recovery" });
    await thaw();
    await waitFor(() => first.idsOf("lease-lost").includes(id), { description: "the refusal" });

    expect(first.idsOf("job-completed")).toEqual([]);
    const counts = await tally(pool, [id]);
    expect(counts).toMatchObject({ completed: 1, crashes: 1 });
    await record("frozen loop, longer than maxBlockedMs", { injected: 1, staleRefused: 1, ...counts });
  });
});
