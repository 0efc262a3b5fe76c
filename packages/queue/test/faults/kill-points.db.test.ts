import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Queue } from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { KILL_POINTS, type KillPoint } from "./program/protocol.ts";
import { startChild } from "./start-child.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

/** What a kill leaves behind: how often the one job's handler ended, and whether the run counts as crashed. */
const LEFT: Record<KillPoint, { ended: number; crashes: number }> = {
  "before claim commits": { ended: 1, crashes: 0 },
  "after claim commits": { ended: 1, crashes: 1 },
  "handler-start": { ended: 1, crashes: 1 },
  "handler-end": { ended: 2, crashes: 1 },
  "before completion commits": { ended: 2, crashes: 1 },
  "after completion commits": { ended: 1, crashes: 0 },
};

/** Lets the leases of a dead worker run out now, instead of after 30 s. */
async function expire(workerId: string): Promise<void> {
  await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 ms' WHERE worker_id = $1", [
    workerId,
  ]);
}

/** How often a worker looks for expired leases, in ms. */
const RECOVERY_MS = 900;

async function sleeps(workerId: string): Promise<boolean> {
  const { rows } = await pool.query("SELECT FROM millrace.workers WHERE worker_id = $1 AND asleep", [
    workerId,
  ]);
  return rows.length === 1;
}

describe("a worker killed by SIGKILL", () => {
  test.each(KILL_POINTS)("%s loses no job, and the job completes", async (killAt) => {
    const name = killAt.replaceAll(" ", "-");
    const [id = ""] = await enqueueWork(queue, name, { count: 1 });
    const options = { url: database.url, queue: name };
    await using dying = startChild({ ...options, name: `${name}-dying`, killAt });
    expect(await dying.ended).toBe("SIGKILL");
    await expire(`${name}-dying`);

    await using _other = startChild({ ...options, name: `${name}-other` });

    const counts = await tallyWhenDone(pool, [id]);
    expect(counts).toMatchObject({ lost: 0, completed: 1, failed: 0, crashes: LEFT[killAt].crashes });
    const { rows } = await pool.query("SELECT FROM public.effects WHERE job_id = $1", [id]);
    expect(rows).toHaveLength(LEFT[killAt].ended);
    await record(`SIGKILL ${killAt}`, { injected: 1, staleRefused: 0, ...counts });
  });

  test("has its job run again by a sleeping worker within 2 s of the lease's end, at the defaults", async () => {
    const name = "within-two-seconds";
    const [id = ""] = await enqueueWork(queue, name, { count: 1, payload: { waitMs: 60_000 } });
    await using dying = startChild({ url: database.url, queue: name, name: "lease-dying" });
    await waitFor(() => dying.idsOf("begun").includes(id), { description: "the job runs" });
    const clock = heldClock((ms) => ms >= RECOVERY_MS);
    const begun: string[] = [];
    const other = createWorker({
      db: pool,
      queues: [name],
      workerId: "lease-other",
      clock,
      tasks: [
        defineTask({ name: "work", payload: z.unknown(), run: (_, { job }) => void begun.push(job.id) }),
      ],
    });
    other.start();
    try {
      await waitFor(() => sleeps("lease-other"), { description: "another worker" });
      dying.process.kill("SIGKILL");
      await dying.ended;
      const { rows } = await pool.query<{ left: number }>(
        "SELECT extract(epoch FROM lease_until - now())::float8 AS left FROM millrace.jobs WHERE id = $1",
        [id],
      );
      // The lease was renewed or claimed before the kill, so what is left of it is all that recovery has to wait.
      expect(rows[0]?.left).toBeLessThanOrEqual(30);

      await pool.query("UPDATE millrace.claims SET lease_until = now() WHERE $1 = ANY(ids)", [id]);
      // Nothing passes by itself that is as long; this passes once, and is all the time that the next run waits.
      await waitFor(() => clock.pass(RECOVERY_MS) > 0, { description: "a look for expired leases" });
      await waitFor(() => begun.includes(id), { description: "the next run" });
    } finally {
      await other.stop();
    }

    await record("SIGKILL to next run, after the lease's end", { injected: 1, waitedMs: RECOVERY_MS });
  });

  test("over and over by the same job stops with a failed job that says so, and other jobs still run", async () => {
    const name = "poison";
    const [poison = ""] = await enqueueWork(queue, name, { count: 1 });
    for (let crash = 0; crash <= 5; crash += 1) {
      await using dying = startChild({ url: database.url, queue: name, name, killAt: "handler-start" });
      expect(await dying.ended).toBe("SIGKILL");
      await expire(name);
      await queue.runs.recover();
      // The backoff is the database's time.
      await pool.query("UPDATE millrace.waiting_jobs SET run_at = now() WHERE id = $1", [poison]);
    }
    const [healthy = ""] = await enqueueWork(queue, name, { count: 1 });
    await using _worker = startChild({ url: database.url, queue: name, name: "poison-survivor" });

    const counts = await tallyWhenDone(pool, [poison, healthy]);

    const job = await queue.get(poison);
    expect(job).toMatchObject({ state: "failed", crashes: 6 });
    expect(job.lastError).toContain("more than the 5 crashes a job may have");
    expect((await queue.get(healthy)).state).toBe("completed");
    await record("a job that kills its worker", { injected: 6, staleRefused: 0, ...counts });
  });
});
