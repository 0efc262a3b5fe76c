import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { startChild } from "./start-child.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

/** How a connection of each kind is known by its last statement, of which PostgreSQL shows the first 1,024 bytes. */
const KINDS: Record<string, string> = {
  claiming: "%::bigint AS token, $8::text[] AS types%",
  // A completion bounds its waits for locked claims.
  completing: "%bounded AS MATERIALIZED%FROM millrace.claims c%",
  listening: "LISTEN millrace_jobs%",
  // A renewal skips locked claims.
  renewing: "%WITH given AS MATERIALIZED%FROM millrace.claims c%SKIP LOCKED%",
};

async function cut(name: string, like: string): Promise<number> {
  const { rows } = await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND (query LIKE $2)`,
    [name, like],
  );
  return rows.length;
}

describe("a worker whose connection is terminated", () => {
  test.each(Object.entries(KINDS))("while %s goes on: no job is lost or failed", async (kind, like) => {
    const name = `cut-${kind}`;
    // Renewals happen to runs that last; the others are hit best while jobs are many and short.
    const ids =
      kind === "renewing"
        ? await enqueueWork(queue, name, { count: 4, payload: { waitMs: 5_000 } })
        : await enqueueWork(queue, name, { count: 400, payload: { waitMs: 5 } });
    await using child = startChild({ url: database.url, queue: name, name, worker: { leaseSeconds: 5 } });
    let cuts = 0;
    await waitFor(
      async () => {
        cuts += await cut(name, like);
        // However slow this process is, the worker has jobs until its connections are cut.
        if (kind !== "renewing")
          ids.push(...(await enqueueWork(queue, name, { count: 10, payload: { waitMs: 5 } })));
        return cuts >= (kind === "renewing" ? 1 : 3);
      },
      { description: `three ${kind} connections to cut`, intervalMs: 15 },
    );

    const counts = await tallyWhenDone(pool, ids);

    expect(counts).toMatchObject({ lost: 0, completed: ids.length, failed: 0 });
    expect(child.complaints).toEqual([]);
    const [more = ""] = await enqueueWork(queue, name, { count: 1 });
    await tallyWhenDone(pool, [more]);
    await record(`terminated while ${kind}`, {
      injected: cuts,
      staleRefused: child.idsOf("lease-lost").length,
      ...counts,
    });
  });
});
