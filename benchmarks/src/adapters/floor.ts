import { createQueue } from "@millrace/queue";
import pg from "pg";
import type { Payload } from "../payload.ts";
import type { Adapter, OpenedWorker, WorkerRun } from "./adapter.ts";
import { millrace } from "./millrace.ts";

/** How many jobs a claim of the worker takes in a drain. */
const BATCH = 1_000;

/**
 * The floor: Millrace's claim and completion statements in bare loops, one loop for each of `lanes` connections. The
 * loops have no renewal, events, outcomes or concurrency limit, so that a comparison shows what the worker costs.
 */
export function floor(lanes: number): Adapter {
  return millrace({
    id: `floor-${lanes}`,
    label: `floor (${lanes} ${lanes === 1 ? "loop" : "loops"})`,
    role: "floor",
    configuration: `queue.runs.claim({ limit: ${BATCH} }), then queue.runs.complete, in ${lanes} bare loop(s)`,
    notes: ["not a queue: no engine, no renewal, no retries"],
    openWorker: (run) => openLoops(run, lanes),
  });
}

async function openLoops(run: WorkerRun, lanes: number): Promise<OpenedWorker> {
  const pool = new pg.Pool({ connectionString: run.url, max: lanes });
  await pool.query("SELECT 1");
  const queue = createQueue(pool);
  let stopped = false;
  const loops: Promise<void>[] = [];

  async function loop(lane: number): Promise<void> {
    const options = { queues: ["default"], workerId: `floor-${lane}`, limit: BATCH, leaseSeconds: 30 };
    while (!stopped) {
      const jobs = await queue.runs.claim(options);
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      // The boundary: every payload was written by this benchmark.
      for (const job of jobs) await run.handle(job.payload as unknown as Payload);
      await queue.runs.complete(jobs);
    }
  }

  return {
    async start() {
      for (let lane = 0; lane < lanes; lane++) loops.push(loop(lane));
    },
    async stop() {
      stopped = true;
      await Promise.all(loops);
      await pool.end();
    },
  };
}
