import { spawn } from "node:child_process";
import { once } from "node:events";
import { waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, type TaskContext } from "../../src/index.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(async () => {
  pool = database.pool();
  await pool.query("CREATE TABLE public.payments (job_id uuid)");
});

beforeEach(async () => {
  await pool.query("TRUNCATE public.payments");
});

async function payments(jobId: string): Promise<number> {
  const { rows } = await pool.query("SELECT FROM public.payments WHERE job_id = $1", [jobId]);
  return rows.length;
}

/** Runs the program until it has killed itself. */
async function runUntilKilled(killAt: "before" | "after"): Promise<void> {
  const program = new URL("./program.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=@millrace/source", program, database.url, killAt], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

/** Pays in one transaction with the job's end. */
async function pay({ job, completeInTx }: TaskContext): Promise<void> {
  await drizzle({ client: pool }).transaction(async (tx) => {
    await tx.execute(`INSERT INTO public.payments (job_id) VALUES ('${job.id}')`);
    await completeInTx(tx, { paid: true });
  });
}

describe("a job completed in its handler's transaction has its effect exactly once", () => {
  test.each(["before", "after"] as const)("when its worker is killed right %s the commit", async (killAt) => {
    const queue = createQueue(pool);
    const { id } = await queue.enqueue("pay", {}, { queue: "pay" });
    await runUntilKilled(killAt);

    // What the second worker would find once the lease has run out.
    await pool.query("UPDATE millrace.jobs SET lease_until = now() - interval '1 s' WHERE id = $1", [id]);
    await queue.recover();
    await pool.query("UPDATE millrace.jobs SET queue = 'pay-again' WHERE id = $1", [id]);
    const runs = await runLeftOver();

    expect(await payments(id)).toBe(1);
    expect(await queue.get(id)).toMatchObject({ state: "completed", output: { paid: true } });
    expect(runs).toBe(killAt === "before" ? 1 : 0);
  });

  /** Runs whatever the killed worker left, and gives how many runs that took. */
  async function runLeftOver(): Promise<number> {
    const queue = createQueue(pool);
    const jobs = await queue.claim({
      queues: ["pay-again"],
      workerId: "second",
      limit: 10,
      leaseSeconds: 30,
    });
    for (const job of jobs) {
      await drizzle({ client: pool }).transaction(async (tx) => {
        await tx.execute(`INSERT INTO public.payments (job_id) VALUES ('${job.id}')`);
        expect(await queue.complete([{ ...job, output: '{"paid":true}' }], { tx })).toEqual([]);
      });
    }
    return jobs.length;
  }

  test("and its worker says that it is completed, with the output, once", async () => {
    await using task = runTask(pool, (_payload, context) => pay(context));

    const id = await task.enqueue();
    const job = await task.told("job-completed", id);

    expect(job).toMatchObject({ state: "completed", output: { paid: true }, attempts: 1 });
    expect(await payments(id)).toBe(1);
  });

  test("also when the handler throws after its commit", async () => {
    await using task = runTask(pool, async (_payload, context) => {
      await pay(context);
      throw new Error("too late to matter");
    });

    const id = await task.enqueue();

    expect((await task.told("job-completed", id)).state).toBe("completed");
    expect(await payments(id)).toBe(1);
  });

  test("also when the lease was lost meanwhile: the transaction is refused and rolls back", async () => {
    let refused: unknown;
    await using task = runTask(pool, async (_payload, context) => {
      await pool.query("UPDATE millrace.jobs SET lease_token = lease_token + 1 WHERE id = $1", [
        context.job.id,
      ]);
      await pay(context).catch((error: unknown) => {
        refused = error;
        throw error;
      });
    });

    const id = await task.enqueue();
    await task.told("lease-lost", id);

    expect(refused).toMatchObject({ code: "LEASE_LOST" });
    expect(await payments(id)).toBe(0);
    expect((await createQueue(pool).get(id)).state).toBe("running");
  });
});

describe("when the transaction does not commit", () => {
  test("and its error leaves the handler, the attempt failed by that error, and the next one pays", async () => {
    let runs = 0;
    await using task = runTask(pool, async (_payload, context) => {
      runs += 1;
      if (runs > 1) return pay(context);
      await drizzle({ client: pool }).transaction(async (tx) => {
        await tx.execute(`INSERT INTO public.payments (job_id) VALUES ('${context.job.id}')`);
        await context.completeInTx(tx);
        throw new Error("the bank said no");
      });
    });

    const id = await task.enqueue();
    const job = await task.told("job-completed", id);

    expect(job).toMatchObject({ attempts: 2, lastError: expect.stringContaining("the bank said no") });
    expect(await payments(id)).toBe(1);
  });

  test("and the handler goes on as if it had, the attempt failed all the same", async () => {
    await using task = runTask(pool, async (_payload, { completeInTx }) => {
      const client = await pool.connect();
      await client.query("BEGIN");
      await completeInTx(client);
      await client.query("ROLLBACK");
      client.release();
    });

    const job = await task.told("job-failed", await task.enqueue({}, { maxAttempts: 1 }));

    expect(job.lastError).toContain("COMPLETION_ROLLED_BACK");
  });

  test("because its connection was cut, the attempt failed and the job is not lost", async () => {
    let runs = 0;
    await using task = runTask(pool, async (_payload, context) => {
      runs += 1;
      if (runs > 1) return pay(context);
      const client = await pool.connect();
      client.on("error", () => undefined);
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
      await client.query("BEGIN");
      await context.completeInTx(client);
      await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      try {
        await client.query("COMMIT");
      } finally {
        client.release(true);
      }
    });

    const id = await task.enqueue();

    expect(await task.told("job-completed", id)).toMatchObject({ attempts: 2 });
    expect(await payments(id)).toBe(1);
    await waitFor(() => task.events.some((event) => event.kind === "job-retried"), {
      description: "one retry",
    });
  });
});
