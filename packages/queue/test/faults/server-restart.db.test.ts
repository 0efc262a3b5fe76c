import { migrate } from "@millrace/schema/migrations";
import { startEmbeddedPostgres, testedMajor, waitFor } from "@millrace/testpg";
import pg from "pg";
import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { startChild } from "./start-child.ts";

test("PostgreSQL stopped and started under load: every acknowledged job completes, none is failed", async () => {
  const server = await startEmbeddedPostgres(testedMajor());
  // One connection: once it answers after a restart, none is left from before.
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  pool.on("error", () => undefined);
  try {
    await migrate(pool);
    await createEffects(pool);
    const queue = createQueue(pool);
    const name = "restart";
    const ids = await enqueueWork(queue, name, { count: 1_200, payload: { waitMs: 5 } });
    const options = { url: server.url, queue: name, worker: { concurrency: 10, leaseSeconds: 20 } };
    await using one = startChild({ ...options, name: "restart-one" });
    await using two = startChild({ ...options, name: "restart-two" });
    const begun = () => one.idsOf("begun").length + two.idsOf("begun").length;
    let restarts = 0;
    for (const mode of ["fast", "immediate"] as const) {
      const before = begun();
      ids.push(...(await enqueueWork(queue, name, { count: 400, payload: { waitMs: 5 } })));
      await waitFor(() => begun() > before + 100, { description: "load" });
      await server.restart(mode);
      restarts += 1;
      await waitFor(
        () =>
          pool.query("SELECT 1").then(
            () => true,
            () => false,
          ),
        { description: "the server" },
      );
      ids.push(...(await enqueueWork(queue, name, { count: 200 })));
    }
    // A restart may cost a lease, whose worker could not write; 20 s need not be waited for.
    await waitFor(
      async () => {
        const { rows } = await pool.query("SELECT FROM millrace.jobs WHERE state = 'queued' LIMIT 1");
        return rows.length === 0;
      },
      { description: "the backlog to drain" },
    );

    const counts = await tallyWhenDone(pool, ids);

    expect(counts).toMatchObject({ lost: 0, completed: ids.length, failed: 0 });
    expect([...one.complaints, ...two.complaints]).toEqual([]);
    await record("PostgreSQL restarted under load", {
      injected: restarts,
      staleRefused: one.idsOf("lease-lost").length + two.idsOf("lease-lost").length,
      ...counts,
    });
  } finally {
    await pool.end();
    await server.stop();
  }
});
