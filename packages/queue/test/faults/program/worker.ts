import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { inTransaction } from "@millrace/base";
import { z } from "zod";
import { createPool, createWorker, defineTask, type TaskContext } from "../../../src/index.ts";
import { killingExecutor } from "./killing-executor.ts";
import type { ChildEvent, ChildOptions } from "./protocol.ts";
import { writeNow } from "./write-now.ts";

// A worker in a process of its own. It is told what to be by its argument, and tells what happens in lines of JSON.
const options = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;

const tell = (event: ChildEvent) => writeNow(Buffer.from(`${JSON.stringify(event)}\n`));
const kill = (point: string) => {
  if (options.killAt === point) process.kill(process.pid, "SIGKILL");
};

const pool = createPool({
  connectionString: options.url,
  application_name: options.name,
  max: options.poolMax ?? 10,
  ...(options.connectionTimeoutMs === undefined
    ? {}
    : { connectionTimeoutMillis: options.connectionTimeoutMs }),
});
pool.on("error", () => undefined);

/** Writes that the job was done, and completes the job, in one transaction: both happen, or neither. */
function doOnce(context: TaskContext): Promise<void> {
  return inTransaction(pool, async (tx) => {
    await tx.query(
      "INSERT INTO public.effects (job_id, lease_token, worker, step) VALUES ($1, $2, $3, 'once')",
      [context.job.id, context.job.leaseToken, options.name],
    );
    await context.completeInTx(tx);
  });
}

/** What a handler does that the test can count: a row for each step of each run, outside the queue's tables. */
async function effect(step: "begun" | "ended", { job }: TaskContext): Promise<void> {
  if (options.effects === false) return;
  await pool.query("INSERT INTO public.effects (job_id, lease_token, worker, step) VALUES ($1, $2, $3, $4)", [
    job.id,
    job.leaseToken,
    options.name,
    step,
  ]);
}

const work = defineTask({
  name: "work",
  payload: z.object({
    /** Blocks the event loop until there is such a file, in the worker of that name only. */
    block: z.object({ worker: z.string(), until: z.string() }).optional(),
    /** Waits without blocking. */
    waitMs: z.number().optional(),
    /** Completes in the handler's own transaction. */
    once: z.boolean().optional(),
  }),
  backoff: { baseMs: 0, jitterMs: 0 },
  maxAttempts: 3,
  async run({ block, waitMs, once }, context) {
    kill("handler-start");
    tell({ kind: "begun", id: context.job.id });
    if (block?.worker === options.name) {
      const never = new Int32Array(new SharedArrayBuffer(4));
      while (!existsSync(block.until)) Atomics.wait(never, 0, 0, 20);
    }
    if (waitMs !== undefined) await pause(waitMs);
    await (once ? doOnce(context) : effect("ended", context));
    kill("handler-end");
  },
});

const worker = createWorker({
  db: options.killAt === undefined ? pool : killingExecutor(pool, options.killAt),
  tasks: [work],
  queues: [options.queue],
  workerId: options.name,
  ...options.worker,
  onEvent(event) {
    if (event.kind === "error") tell({ kind: "error", during: event.during, message: String(event.error) });
    else if ("job" in event) tell({ kind: event.kind, id: event.job.id });
    else if (event.kind === "recovered") tell({ kind: "recovered", count: event.requeued.length });
    else tell({ kind: event.kind });
  },
});
worker.start();
process.once("SIGTERM", async () => {
  await worker.stop();
  await pool.end();
});
