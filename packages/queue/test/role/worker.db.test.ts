import { migrateRoles } from "@millrace/schema/migrations";
import { waitFor } from "@millrace/testpg";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { createQueue, type Queue } from "../../src/index.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";
import { FIRST_MS, pruningClock } from "../worker/pruning-clock.ts";

const workers = useWorkers();
let asWorker: pg.Pool;
let own: Queue;

beforeAll(async () => {
  await migrateRoles(workers.pool);
  asWorker = workers.anotherPool({ options: "-c role=millrace_worker" });
  own = createQueue(asWorker);
});

/** Everything that went wrong in a worker. */
const failuresOf = (events: readonly { kind: string }[]) =>
  events.filter(({ kind }) => /error|failed|lost|refused/.test(kind) && kind !== "job-failed");

test("a worker with its role runs, retries, fails, follows, completes in a transaction, and recovers", async () => {
  const ended: string[] = [];
  let tries = 0;
  const tasks = [
    anyTask("echo", (payload, context) => {
      ended.push("echo");
      return { payload, id: context.job.id };
    }),
    anyTask("progress", async (_payload, context) => {
      await context.progress({ done: 1 });
      await own.enqueue("echo", "from a handler");
    }),
    anyTask("flaky", () => {
      tries += 1;
      if (tries === 1) throw new Error("first time");
    }),
    anyTask("doomed", () => {
      throw new Error("each time");
    }),
    anyTask("in-tx", async (_payload, context) => {
      const client = await asWorker.connect();
      try {
        await client.query("BEGIN");
        await context.completeInTx(client, { paid: true });
        await client.query("COMMIT");
      } finally {
        client.release();
      }
    }),
  ];
  const { events } = workers.start(tasks, {
    ...{ db: asWorker, defaults: { backoff: { baseMs: 0, jitterMs: 0 } } },
  });
  const jobs = {
    echo: await own.enqueue("echo", { text: "x".repeat(3_000) }),
    progress: await own.enqueue("progress"),
    flaky: await own.enqueue("flaky"),
    doomed: await own.enqueue("doomed", {}, { maxAttempts: 1, deadLetter: { type: "echo" } }),
    "in-tx": await own.enqueue("in-tx"),
    latest: await own.enqueue("echo", 1, { latest: { key: "k" } }),
  };

  for (const [name, { id }] of Object.entries(jobs)) {
    await workers.untilState(id, name === "doomed" ? "failed" : "completed");
  }
  // The jobs of the handler and of the dead letter, besides the two above.
  await waitFor(() => ended.length === 4, { description: "all four runs of echo" });
  expect(failuresOf(events)).toEqual([]);
});

test("a worker with its role aborts a canceled run", async () => {
  const held = heldHandler();
  const { events } = workers.start([anyTask("held", held.runUntilAborted)], {
    db: asWorker,
    queues: ["held"],
  });
  const { id } = await own.enqueue("held", {}, { queue: "held" });
  await waitFor(() => held.begun.length === 1, { description: "the run to begin" });

  await own.cancel(id);

  await workers.untilState(id, "canceled");
  expect(failuresOf(events)).toEqual([]);
});

test("a worker with its role takes back the job of a worker that is lost", async () => {
  const { id } = await own.enqueue("lost", {}, { queue: "gone" });
  await own.runs.claim({ workerId: "dead", queues: ["gone"], limit: 1, leaseSeconds: 30 });
  await workers.pool.query("UPDATE millrace.claims SET lease_until = now() - interval '1 s'");

  await own.runs.recover();

  expect(await workers.stateOf(id)).toBe("queued");
});

test("a worker with its role prunes jobs, minutes and the audit log", async () => {
  const { id } = await own.enqueue("echo", {}, { queue: "pruned" });
  const [run] = await own.runs.claim({ workerId: "w", queues: ["pruned"], limit: 1, leaseSeconds: 30 });
  await own.runs.complete([{ id, leaseToken: run?.leaseToken ?? 0 }]);
  await workers.pool.query(`
    INSERT INTO millrace.audit_log (id, command_id, at, who, via, action, changed)
      VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), now() - interval '1 year', 'a', 'b', 'c', 1);
    INSERT INTO millrace.queue_minutes (minute, queue) VALUES (now() - interval '1 year', 'q')`);
  await workers.pool.query("DELETE FROM millrace.job_keys");
  const { clock, pass } = pruningClock();
  workers.start([anyTask("nothing", () => undefined)], { db: asWorker, queues: ["none"], clock });
  await pass(FIRST_MS);

  await waitFor(
    async () =>
      (await workers.pool.query("SELECT FROM millrace.audit_log WHERE at < now() - interval '100 days'"))
        .rowCount === 0 &&
      (await workers.pool.query("SELECT FROM millrace.queue_minutes WHERE queue = 'q'")).rowCount === 0,
    { description: "the old rows to be gone" },
  );
  expect(await own.prune({ olderThanMs: 0, states: ["completed"] })).toBeGreaterThan(0);
});
