import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createQueue, Fatal, Snooze, type TaskContext } from "../../../src/index.ts";
import { type OpenTransaction, openTransaction } from "../../open-transaction.ts";
import { runTask } from "../../run-worker.ts";

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

/** Starts the program: a worker of one queue in a process of its own. */
function startProgram(...queueAndKillAt: string[]): ChildProcess {
  const program = new URL("./program.ts", import.meta.url).pathname;
  return spawn(
    process.execPath,
    ["--conditions=@millrace/source", program, database.url, ...queueAndKillAt],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
}

/** Pays in one transaction with the job's end. */
async function pay({ job, completeInTx }: TaskContext): Promise<void> {
  await drizzle({ client: pool }).transaction(async (tx) => {
    await tx.execute(`INSERT INTO public.payments (job_id) VALUES ('${job.id}')`);
    await completeInTx(tx, { paid: true });
  });
}

describe("a job completed in its handler's transaction has its effect exactly once", () => {
  test.each([
    { killAt: "before", when: "right before the commit", runs: [2] },
    { killAt: "after", when: "right after the commit", runs: [1] },
    // Which of the two it is, is left to chance.
    { killAt: "within", when: "at any moment of it", runs: [1, 2] },
  ])("when its worker is killed $when, and another one runs what is left", async (kill) => {
    const queue = createQueue(pool);
    // A queue of its own: what a killed worker had sent may still claim from its queue.
    const name = `pay-${kill.killAt}`;
    const { id } = await queue.enqueue("pay", {}, { queue: name });
    const [, signal] = await once(startProgram(name, kill.killAt), "exit");
    expect(signal).toBe("SIGKILL");
    // Its lease runs out now, instead of after 30 s.
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 ms' WHERE $1 = ANY(ids)", [
      id,
    ]);

    const other = startProgram(name);
    try {
      await waitFor(async () => (await queue.get(id)).state === "completed", {
        description: "the job completes",
      });
    } finally {
      other.kill("SIGKILL");
    }

    const job = await queue.get(id);
    expect(job).toMatchObject({ output: { paid: true } });
    expect(await payments(id)).toBe(1);
    expect(kill.runs).toContain(job.crashes + 1);
  });

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
      await pool.query("UPDATE millrace.claims SET lease_token = lease_token + 1 WHERE $1 = ANY(ids)", [
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
      await using transaction = await openTransaction(pool);
      await completeInTx(transaction.client);
    });

    const job = await task.told("job-failed", await task.enqueue({}, { maxAttempts: 1 }));

    expect(job.lastError).toContain("COMPLETION_ROLLED_BACK");
  });

  test("and the handler catches it, the handler may tell, extend, and complete in another transaction", async () => {
    await using task = runTask(pool, async (_payload, context) => {
      const rolledBack = await openTransaction(pool);
      await context.completeInTx(rolledBack.client);
      await rolledBack.end("ROLLBACK");
      await context.progress("once more");
      await context.extend(60_000);
      await pay(context);
    });

    const id = await task.enqueue();

    expect(await task.told("job-completed", id)).toMatchObject({ attempts: 1, output: { paid: true } });
    expect(await payments(id)).toBe(1);
  });

  test("and the handler asks for later instead, no attempt is used up", async () => {
    let runs = 0;
    await using task = runTask(pool, async (_payload, context) => {
      runs += 1;
      if (runs > 1) return pay(context);
      const rolledBack = await openTransaction(pool);
      await context.completeInTx(rolledBack.client);
      await rolledBack.end("ROLLBACK");
      throw new Snooze(0);
    });

    const id = await task.enqueue({}, { maxAttempts: 1 });

    expect(await task.told("job-completed", id)).toMatchObject({ attempts: 1 });
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

describe("while the transaction that completes a job is still open", () => {
  /** Runs a handler that leaves its transaction open behind it, beside one that fails its jobs. */
  async function leaveOpen() {
    const { promise: opened, resolve: open } = Promise.withResolvers<OpenTransaction>();
    const task = runTask(pool, async (payload, { completeInTx, progress }) => {
      if (payload === "fail") throw new Fatal("at once");
      if (payload === "tell") return progress({ told: true });
      const transaction = await openTransaction(pool);
      await completeInTx(transaction.client, "done");
      open(transaction);
      await progress("of no use any more");
    });
    const id = await task.enqueue("leave open", { maxAttempts: 1 });
    return { task, id, transaction: await opened };
  }

  test.each([
    { end: "COMMIT", kind: "job-completed", state: "completed", output: "done" },
    { end: "ROLLBACK", kind: "job-failed", state: "failed", output: null },
  ] as const)(
    "the job's end is not told before its $end, and other jobs are not held up",
    async (expected) => {
      const { task, id, transaction } = await leaveOpen();
      await using _task = task;
      await using _transaction = transaction;

      const failed = await task.told("job-failed", await task.enqueue("fail"));
      const telling = await task.told("job-completed", await task.enqueue("tell"));

      expect([failed.state, telling.state]).toEqual(["failed", "completed"]);
      const ends = () => task.events.filter((event) => "job" in event && event.job.id === id);
      expect(ends()).toMatchObject([{ kind: "job-started" }]);

      await transaction.end(expected.end);

      const { state, output } = await task.told(expected.kind, id);
      expect({ state, output }).toEqual({ state: expected.state, output: expected.output });
    },
  );
});

test.each([
  ["a pool", () => pool],
  ["a Drizzle database", () => drizzle({ client: pool })],
])("%s in place of a transaction is refused, and completes nothing", async (_what, tx) => {
  await using task = runTask(pool, (_payload, { completeInTx }) => completeInTx(tx()));

  const job = await task.told("job-failed", await task.enqueue({}, { maxAttempts: 1 }));

  expect(job.lastError).toContain("INVALID_OPTION");
});

test.each(["repeatable read", "serializable"] as const)(
  "a transaction that is %s is refused before anything goes wrong, and the job fails without another attempt",
  async (isolationLevel) => {
    await using task = runTask(pool, (_payload, { completeInTx }) =>
      drizzle({ client: pool }).transaction((tx) => completeInTx(tx), { isolationLevel }),
    );

    const job = await task.told("job-failed", await task.enqueue());

    expect(job).toMatchObject({ state: "failed", attempts: 1, maxAttempts: 10 });
    expect(job.lastError).toMatch(/TRANSACTION_ISOLATION/);
    expect(job.lastError).toMatch(/Begin the transaction with READ COMMITTED/);
  },
);

test("after the handler has ended, it completes nothing any more", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<TaskContext>();
  await using task = runTask(pool, (_payload, context) => {
    end(context);
    throw new Fatal("gone");
  });

  const id = await task.enqueue();
  const context = await ended;
  await task.told("job-failed", id);

  await expect(pay(context)).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect(await payments(id)).toBe(0);
});
