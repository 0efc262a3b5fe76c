import type { ClaimedJob, Queue } from "@millrace/queue";
import { expect } from "vitest";

/** Claims the jobs of a queue, as a worker does. */
export const claimed = (queue: Queue, name: string): Promise<ClaimedJob[]> =>
  queue.runs.claim({ workerId: "a-worker", queues: [name], limit: 10, leaseSeconds: 60 });

/** Enqueues a job in a queue of its own, and lets its only attempt fail. Returns its id. */
export async function failed(queue: Queue, name: string, error: string): Promise<string> {
  const { id } = await queue.enqueue("a-job", {}, { queue: name, maxAttempts: 1 });
  const [run] = await claimed(queue, name);
  expect(run?.id).toBe(id);
  await queue.runs.fail([{ id, leaseToken: run?.leaseToken ?? 0, error, retryInMs: null }]);
  return id;
}
