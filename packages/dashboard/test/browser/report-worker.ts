import { createQueue, createWorker, defineTask, type JsonValue } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";

/** A worker that runs one job for as long as a test wants. */
export interface ReportWorker {
  /** The job that runs. */
  readonly jobId: string;
  /** Sets the job's progress, as its handler does. */
  progress(value: JsonValue): Promise<void>;
  /** Lets the handler return. */
  finish(): void;
  stop(): Promise<void>;
}

/** Enqueues a job of type `report`, and starts a worker that runs the job. Resolves once the handler runs. */
export async function startReportWorker(pool: Pool): Promise<ReportWorker> {
  const running = Promise.withResolvers<(value: JsonValue) => Promise<void>>();
  const finished = Promise.withResolvers<{ pages: number }>();
  const report = defineTask({
    name: "report",
    payload: z.object({ pages: z.int() }),
    async run(_payload, { progress, signal }) {
      running.resolve(progress);
      signal.addEventListener("abort", () => finished.reject(signal.reason));
      return finished.promise;
    },
  });
  const { id } = await createQueue(pool).enqueue(report, { pages: 3 }, { queue: "reports" });
  const worker = createWorker({
    db: pool,
    tasks: [report],
    queues: ["reports"],
    workerId: "worker-1",
    concurrency: 1,
    shutdownGraceMs: 0,
    renewal: "loop",
  });
  worker.start();
  const progress = await running.promise;
  return {
    jobId: id,
    progress,
    finish: () => finished.resolve({ pages: 3 }),
    stop: () => worker.stop(),
  };
}
