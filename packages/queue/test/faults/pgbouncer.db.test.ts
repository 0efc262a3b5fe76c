import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type WorkerEvent } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { hasPgBouncer, startPgBouncer } from "./start-pgbouncer.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(async () => {
  pool = database.pool();
  await createEffects(pool);
});

const reason = hasPgBouncer() ? "" : " (skipped: there is no `pgbouncer` on the PATH)";

describe.skipIf(reason !== "")(`through PgBouncer in transaction mode${reason}`, () => {
  test("a polling worker runs, retries, renews and recovers; enqueues do without prepared statements", async () => {
    await using bouncer = await startPgBouncer(new URL(database.url), 3);
    const through = new pg.Pool({ connectionString: bouncer.url, max: 8 });
    through.on("error", () => undefined);
    const queue = createQueue(through);
    await expect(preparedElsewhere(through)).rejects.toMatchObject({ code: "26000" });
    const events: WorkerEvent[] = [];
    const runs = new Map<string, number>();
    const work = defineTask({
      name: "work",
      payload: z.unknown(),
      backoff: { baseMs: 0, jitterMs: 0 },
      run(_payload, { job }) {
        if (job.attempt === 1 && job.id.endsWith("0")) throw new Error("the first attempt fails");
        runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
      },
    });
    const ids = await enqueueWork(queue, "pooled", { count: 300 });
    // Many at a time over few sessions, so that a prepared statement meets a session that does not have it.
    const singles = Array.from({ length: 200 }, () => queue.enqueue("work", {}, { queue: "pooled" }));
    ids.push(...(await Promise.all(singles)).map(({ id }) => id));
    for (let n = 0; n < 60; n += 1) ids.push((await queue.enqueue("work", {}, { queue: "pooled" })).id);
    const dead = await queue.runs.claim({ queues: ["pooled"], workerId: "dead", limit: 7, leaseSeconds: 5 });
    await pool.query("UPDATE millrace.claims SET lease_until = now() WHERE worker_id = 'dead'");

    const worker = createWorker({
      db: through,
      queues: ["pooled"],
      pollMs: 100,
      listen: false,
      tasks: [work],
      onEvent: (event) => void events.push(event),
    });
    worker.start();
    const counts = await tallyWhenDone(pool, ids);
    const late = await queue.enqueue("work", {}, { queue: "pooled" });
    await waitFor(() => runs.has(late.id), { description: "a job enqueued to an idle worker" });
    await worker.stop();
    await through.end();

    expect(dead).toHaveLength(7);
    expect(counts).toMatchObject({ lost: 0, completed: ids.length, failed: 0, crashes: 7 });
    expect(events.filter((event) => event.kind === "error")).toEqual([]);
    const ranTwice = [...runs.values()].filter((count) => count > 1).length;
    expect(ranTwice).toBe(0);
    await record("PgBouncer in transaction mode", { injected: 7, staleRefused: 0, ...counts, ranTwice });
  });
});

/**
 * Runs a named statement twice on one client, in two of the three sessions: others have the rest in transactions. The
 * client prepares it once, and the second session does not know it.
 */
async function preparedElsewhere(through: pg.Pool): Promise<void> {
  const clients = await Promise.all(Array.from({ length: 4 }, () => through.connect()));
  const [named, first, second, third] = clients;
  try {
    const run = () => named?.query({ name: "named", text: "SELECT $1::int", values: [1] });
    await first?.query("BEGIN");
    await second?.query("BEGIN");
    await run();
    await third?.query("BEGIN");
    await first?.query("ROLLBACK");
    await run();
  } finally {
    for (const client of clients) client.release(true);
  }
}
