import { spawn } from "node:child_process";
import { heldClock, waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, type Queue, type TaskContext } from "../../../src/index.ts";
import { ABANDON_AFTER_MS } from "../../../src/run/run-job.ts";
import { type RunningTask, runTask } from "../../run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;
/** On connections of its own, as another process has them. */
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(database.pool());
});

/** A handler that ends by its abort. */
const untilAborted = (_payload: unknown, { signal }: TaskContext) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

function begun(task: RunningTask, count = 1): Promise<unknown> {
  return waitFor(() => task.events.filter((event) => event.kind === "job-started").length === count, {
    description: `${count} runs to begin`,
  });
}

describe("canceling a running job", () => {
  test("in another process reaches its handler at once, though its lease is long", async () => {
    const program = new URL("./program.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--conditions=@millrace/source", program, database.url], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      const { id } = await queue.enqueue("wait", {}, { queue: "wait" });
      await waitFor(async () => (await queue.get(id)).progress === "waiting", { description: "it runs" });

      expect(await queue.cancel(id)).toBe("cancel-requested");
      // Only a notice can end it within the wait: the next renewal is 20 minutes away.
      await waitFor(async () => (await queue.get(id)).state === "canceled", { description: "it ends" });

      expect(await queue.get(id)).toMatchObject({ progress: "aborted: JOB_CANCELED", attempts: 1 });
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("reaches a worker that does not listen when it renews its leases", async () => {
    await using task = runTask(pool, untilAborted, { listen: false, leaseSeconds: 15 });
    const id = await task.enqueue();
    await begun(task);

    await queue.cancel(id);

    expect(await task.told("job-canceled", id)).toMatchObject({ state: "canceled" });
  });

  test("of a filter's jobs reaches each of them", async () => {
    await using task = runTask(pool, untilAborted, { leaseSeconds: 3_600, pollMs: 60_000 });
    const ids = [await task.enqueue(), await task.enqueue()];
    await begun(task, 2);

    await queue.cancelMany({ ids });

    for (const id of ids) expect((await task.told("job-canceled", id)).state).toBe("canceled");
  });

  test("in a transaction reaches it when that commits, and not before", async () => {
    await using task = runTask(pool, untilAborted, { leaseSeconds: 3_600 });
    const [kept, ended] = [await task.enqueue(), await task.enqueue()];
    await begun(task, 2);
    const client = await pool.connect();

    await client.query("BEGIN");
    await queue.cancel(kept, { tx: client });
    await client.query("ROLLBACK");
    await client.query("BEGIN");
    await queue.cancel(ended, { tx: client });
    await client.query("COMMIT");
    client.release();

    await task.told("job-canceled", ended);
    expect(await queue.get(kept)).toMatchObject({ state: "running", cancelRequestedAt: null });
  });

  test("does not end the job's next run, when its notice comes late", async () => {
    await using task = runTask(pool, untilAborted, { leaseSeconds: 3_600 });
    const [again, marker] = [await task.enqueue(), await task.enqueue()];
    await begun(task, 2);
    const { leaseToken } = await queue.get(again);
    await queue.cancel(again);
    await task.told("job-canceled", again);
    await queue.retry(again);
    await begun(task, 3);

    await pool.query("SELECT pg_notify('millrace_jobs', $1)", [`cancel:${again}:${leaseToken}`]);
    // Notices come in the order of their commits.
    await queue.cancel(marker);
    await task.told("job-canceled", marker);

    const next = await queue.get(again);
    expect(next.state).toBe("running");
    expect(next.leaseToken).toBeGreaterThan(leaseToken);
    await queue.cancel(again);
    await waitFor(async () => (await queue.get(again)).state === "canceled", { description: "the next run" });
  });

  test("that is undone after its handler heard of it lets the job run again", async () => {
    const { promise: undone, resolve: tellUndone } = Promise.withResolvers<void>();
    let runs = 0;
    let wasAborted = false;
    await using task = runTask(
      pool,
      async (_payload, { signal }) => {
        runs += 1;
        if (runs > 1) return "ran again";
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        wasAborted = true;
        await undone;
        throw signal.reason;
      },
      { leaseSeconds: 3_600 },
    );
    const id = await task.enqueue({}, { maxAttempts: 1 });
    await begun(task);
    const audited = createQueue(pool, { audit: { who: "ada", via: "a test" } });
    const { commandId } = await audited.cancelMany({ ids: [id] });
    await waitFor(() => wasAborted, { description: "the handler to hear of it" });
    expect(await audited.undo(commandId ?? "")).toEqual({ restored: 1, left: 0 });
    tellUndone();

    expect(await task.told("job-completed", id)).toMatchObject({ output: "ran again", attempts: 1 });
    expect(runs).toBe(2);
    // The run that was cut short is no attempt, and its error is not the job's. A completed run has no attempt row.
    expect(await queue.attempts(id)).toEqual([]);
    expect((await queue.get(id)).lastError).toBeNull();
  });

  test("is not what a notice without a request does: the job runs again", async () => {
    let runs = 0;
    await using task = runTask(
      pool,
      (payload, context) => {
        runs += 1;
        return runs === 1 ? untilAborted(payload, context) : "ran again";
      },
      { leaseSeconds: 3_600 },
    );
    const id = await task.enqueue();
    await begun(task);
    const { leaseToken } = await queue.get(id);

    await pool.query("SELECT pg_notify('millrace_jobs', $1)", [`cancel:${id}:${leaseToken}`]);

    expect(await task.told("job-completed", id)).toMatchObject({ state: "completed", attempts: 1 });
  });

  test("whose handler does not heed it gives up the slot, and what it returns later changes nothing", async () => {
    const { promise: late, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: returned, resolve: tellReturned } = Promise.withResolvers<void>();
    const contexts: TaskContext[] = [];
    const clock = heldClock((ms) => ms === ABANDON_AFTER_MS);
    await using task = runTask(
      pool,
      async (payload, context) => {
        contexts.push(context);
        if (payload === "next") return "next";
        await late;
        tellReturned();
        return "too late";
      },
      { concurrency: 1, clock },
    );
    const deaf = await task.enqueue("deaf");
    await begun(task);
    await queue.cancel(deaf);
    await waitFor(() => contexts[0]?.signal.aborted, { description: "the handler to be told" });
    clock.pass(ABANDON_AFTER_MS);

    expect(await task.told("job-canceled", deaf)).toMatchObject({ state: "canceled", output: null });
    // The only slot is free, though the handler still runs.
    expect((await task.told("job-completed", await task.enqueue("next"))).output).toBe("next");

    await expect(contexts[0]?.progress("too late")).rejects.toMatchObject({ code: "LEASE_LOST" });
    letGo();
    await returned;
    const { rows } = await pool.query("SELECT state, output, progress FROM millrace.jobs WHERE id = $1", [
      deaf,
    ]);
    expect(rows).toEqual([{ state: "canceled", output: null, progress: null }]);
    expect(await queue.attempts(deaf)).toMatchObject([{ outcome: "canceled" }]);
    expect(task.events.filter((event) => "job" in event && event.job.id === deaf)).toHaveLength(2);
  });

  test("that completes all the same stays completed", async () => {
    await using task = runTask(pool, async (_payload, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "done before it heard";
    });
    const id = await task.enqueue();
    await begun(task);

    await queue.cancel(id);

    expect(await task.told("job-completed", id)).toMatchObject({ state: "completed" });
  });
});
