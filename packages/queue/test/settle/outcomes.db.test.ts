import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { Cancel, createQueue, Fatal, RetryLater, Snooze } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { runTask } from "../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

describe("what a handler returns", () => {
  test("is kept as the job's output, with a key or without, and nothing is kept when it is nothing", async () => {
    await using task = runTask(pool, (payload) => (payload === "quiet" ? undefined : { said: payload }));

    const plain = await task.enqueue("plain");
    const keyed = await task.enqueue("keyed", { idempotencyKey: "output" });
    const quiet = await task.enqueue("quiet");

    expect((await task.told("job-completed", plain)).output).toEqual({ said: "plain" });
    expect((await task.told("job-completed", keyed)).output).toEqual({ said: "keyed" });
    expect((await task.told("job-completed", quiet)).output).toBeNull();
  });

  test.each([
    ["larger than 64 KiB", "x".repeat(65_536), /65538 bytes, and at most 65536 are allowed/],
    ["no JSON", { big: 1n }, /is no JSON/],
  ])("fails the job at once when it is %s, and says so", async (_what, value, reason) => {
    await using task = runTask(pool, () => value);

    const job = await task.told("job-failed", await task.enqueue());

    expect(job).toMatchObject({ state: "failed", attempts: 1 });
    expect(job.lastError).toMatch(reason);
  });
});

describe("among outcomes that are written together", () => {
  /** Handlers that end in the same turn, so that one statement carries their outcomes. */
  function together(count: number, end: (payload: unknown) => unknown) {
    let waiting = 0;
    const { promise: all, resolve: letGo } = Promise.withResolvers<void>();
    return runTask(
      pool,
      async (payload) => {
        waiting += 1;
        if (waiting === count) letGo();
        await all;
        return end(payload);
      },
      { concurrency: count },
    );
  }

  /** A trigger on ended jobs that refuses such rows. */
  async function refuseBy(name: string, condition: string): Promise<void> {
    await pool.query(`CREATE FUNCTION public.${name}() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN RAISE EXCEPTION '${name} by a trigger'; END$$`);
    await pool.query(
      `CREATE TRIGGER ${name} BEFORE INSERT ON millrace.ended_jobs FOR EACH ROW WHEN (${condition})
       EXECUTE FUNCTION public.${name}()`,
    );
  }

  test("an output that the database refuses fails its own job, and the others complete", async () => {
    await pool.query(
      `ALTER TABLE millrace.ended_jobs ADD CONSTRAINT no_poison CHECK (output IS DISTINCT FROM '"poison"')`,
    );
    await using task = together(3, (payload) => payload);

    const [good, bad, fine] = [
      await task.enqueue("good"),
      await task.enqueue("poison"),
      await task.enqueue("fine"),
    ];

    expect((await task.told("job-completed", good)).output).toBe("good");
    expect((await task.told("job-completed", fine)).output).toBe("fine");
    const failed = await task.told("job-failed", bad);
    expect(failed).toMatchObject({ state: "failed", attempts: 1, output: null });
    expect(failed.lastError).toMatch(/OUTCOME_REFUSED[\s\S]*constraint: 'no_poison'/);
  });

  test("no foreign key to the jobs can refuse one: PostgreSQL refuses the key itself", async () => {
    const referring = pool.query("CREATE TABLE public.orders (job_id uuid REFERENCES millrace.jobs)");

    await expect(referring).rejects.toMatchObject({ message: expect.stringContaining("is not a table") });
  });

  test("one that a trigger refuses fails its job once, also when it completes in a transaction", async () => {
    await refuseBy("closed", `NEW.payload = '"closed"' AND NEW.state = 'completed'`);
    await using task = runTask(pool, async (_payload, { job, completeInTx }) => {
      if (job.maxAttempts === 3) return;
      await using transaction = await openTransaction(pool);
      await completeInTx(transaction.client);
    });

    const failed = [
      await task.told("job-failed", await task.enqueue("closed")),
      await task.told("job-failed", await task.enqueue("closed", { maxAttempts: 2 })),
    ];

    for (const job of failed) {
      expect(job).toMatchObject({
        attempts: 1,
        lastError: expect.stringContaining("closed by a trigger"),
      });
    }
  });

  test("one that cannot even fail is left to its lease, told once, and its handler does not run again", async () => {
    await refuseBy("sealed", `NEW.payload = '"sealed"'`);
    const begun: unknown[] = [];
    await using task = runTask(pool, (payload) => void begun.push(payload), { concurrency: 1 });

    const sealed = await task.enqueue("sealed");
    const refused = () => task.events.filter((event) => event.kind === "error" && event.during === "settle");
    await waitFor(() => refused().length > 0, { description: "the outcome is refused" });
    await task.told("job-completed", await task.enqueue("next"));

    expect(refused()).toMatchObject([{ error: { code: "OUTCOME_REFUSED", jobId: sealed, outcome: "fail" } }]);
    expect(begun).toEqual(["sealed", "next"]);
    await pool.query("DROP TRIGGER sealed ON millrace.ended_jobs");
    await pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 ms' WHERE $1 = ANY(ids)", [
      sealed,
    ]);
    expect(await task.told("job-completed", sealed)).toMatchObject({ crashes: 1, attempts: 1 });
  });

  test("a delay without end is a hundred years, and takes no other down", async () => {
    await using task = together(2, (payload) => {
      if (payload === "never") throw new RetryLater("not now", { delayMs: Number.POSITIVE_INFINITY });
      throw new Fatal("now");
    });

    const [never, now] = [await task.enqueue("never"), await task.enqueue("now")];

    expect((await task.told("job-failed", now)).state).toBe("failed");
    expect((await task.told("job-retried", never)).runAt?.getUTCFullYear()).toBeGreaterThan(2_100);
  });
});

describe("what a handler throws", () => {
  test("may be a revoked proxy, as a draft of immer is: its job is retried, and the worker goes on", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    await using task = runTask(pool, (payload) => {
      if (payload === "revoked") throw proxy;
    });

    const job = await task.told("job-failed", await task.enqueue("revoked", { maxAttempts: 2 }));
    await task.told("job-completed", await task.enqueue("fine"));

    expect(job).toMatchObject({ state: "failed", attempts: 2 });
    expect(job.lastError).toMatch(/cannot be described/);
  });

  test("Snooze runs it later without an attempt used up, any number of times", async () => {
    let runs = 0;
    await using task = runTask(pool, () => {
      runs += 1;
      if (runs <= 5) throw new Snooze(0);
    });

    const job = await task.told("job-completed", await task.enqueue({}, { maxAttempts: 1 }));

    expect(job).toMatchObject({ state: "completed", attempts: 1, lastError: null });
    expect(runs).toBe(6);
    expect(await createQueue(pool).attempts(job.id)).toEqual([]);
  });

  test("Snooze makes it due so much later by the database's clock", async () => {
    await using task = runTask(pool, () => {
      throw new Snooze(3_600_000);
    });

    const { id } = await task.told("job-snoozed", await task.enqueue());

    const { rows } = await pool.query(
      "SELECT state, attempts, run_at - updated_at = interval '1 hour' AS later FROM millrace.jobs WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ state: "queued", attempts: 0, later: true }]);
  });

  test("Cancel ends it as canceled, with its reason", async () => {
    await using task = runTask(pool, () => {
      throw new Cancel("the order was withdrawn");
    });

    const job = await task.told("job-canceled", await task.enqueue());

    expect(job).toMatchObject({
      state: "canceled",
      lastError: expect.stringContaining("the order was withdrawn"),
    });
    expect(job.canceledAt).not.toBeNull();
  });

  test("Fatal fails it now; its error is kept with code, stack and cause", async () => {
    await using task = runTask(pool, () => {
      throw new Fatal("no such account", { cause: new Error("404 from the bank") });
    });

    const job = await task.told("job-failed", await task.enqueue());

    const [attempt] = await createQueue(pool).attempts(job.id);
    expect(attempt).toMatchObject({ attempt: 1, outcome: "failed" });
    expect(attempt?.error).toMatch(/Fatal: no such account \[FATAL\]\n\s+at .*outcomes\.db\.test/);
    expect(attempt?.error).toMatch(/Caused by: Error: 404 from the bank\n\s+at /);
  });
});
