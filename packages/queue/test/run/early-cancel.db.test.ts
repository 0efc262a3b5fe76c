import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();

test("a job canceled while its claim is on its way to the worker is canceled at once, and not run", async () => {
  const pool = database.pool();
  const queue = createQueue(pool);
  const listens = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  let id: string | undefined;
  let canceling: Promise<void> | undefined;

  async function cancelWhenClaimed(): Promise<void> {
    if (id === undefined || (await queue.get(id)).state !== "running") return;
    canceling ??= queue.cancel(id).then(() => heard.promise);
    await canceling;
  }

  /** No answer reaches the worker after the claim until the worker has heard of the cancel. */
  const slow = database.pool();
  slow.on("connect", (client) => {
    const send = client.query.bind(client);
    client.query = (async (statement: string | pg.QueryConfig) => {
      const result = await send(statement);
      if (typeof statement === "string" && statement.startsWith("LISTEN")) listens.resolve();
      await cancelWhenClaimed();
      return result;
    }) as unknown as typeof client.query;
    client.on("notification", ({ payload }) => {
      if (payload?.startsWith("cancel:")) heard.resolve();
    });
  });
  const run: unknown[] = [];
  const options = { db: slow, leaseSeconds: 3_600, renewal: "loop" } as const;
  await using task = runTask(pool, (payload) => void run.push(payload), options);
  await listens.promise;

  // Held back, so that its id is known when it is claimed.
  id = await task.enqueue("never", { delayMs: 3_600_000 });
  await pool.query("UPDATE millrace.waiting_jobs SET run_at = now() WHERE id = $1", [id]);

  await task.told("job-canceled", id);
  expect(run).toEqual([]);
});
