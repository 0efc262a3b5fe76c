import { randomUUID } from "node:crypto";
import type { DeadLetterPayload, EnqueueOptions, Job, JsonValue, Lease } from "../../src/index.ts";
import type { TestWorkers } from "../use-workers.ts";

/** A name that no other test has. */
export const unique = () => `dead-${randomUUID()}`;

export const payloadOf = (job: Job | undefined) => job?.payload as unknown as DeadLetterPayload;

/** What tests of dead letters do. */
export function deadLetterTools(workers: TestWorkers) {
  return {
    /** The dead letters in a queue, oldest first. */
    lettersIn: async (queue: string): Promise<Job[]> => (await workers.queue.list({ queue })).reverse(),

    /** Enqueues a job with a dead letter, and claims it by hand. */
    async claimed(payload: JsonValue = {}, options: EnqueueOptions = {}) {
      const name = unique();
      const letters = `${name}-letters`;
      const deadLetter = { type: "mourn", queue: letters };
      await workers.queue.enqueue(name, payload, { queue: name, deadLetter, ...options });
      const [job] = await workers.queue.runs.claim({
        queues: [name],
        workerId: "by-hand",
        limit: 1,
        leaseSeconds: 30,
      });
      if (job === undefined) throw new Error("nothing was claimed");
      return { name, letters, job };
    },

    /** Claims up to nine jobs of a queue. */
    claimAll: (queue: string) =>
      workers.queue.runs.claim({ queues: [queue], workerId: "by-hand", limit: 9, leaseSeconds: 30 }),

    /** Fails claimed jobs for good. */
    fail: (...jobs: Lease[]) =>
      workers.queue.runs.fail(
        jobs.map(({ id, leaseToken }) => ({ id, leaseToken, error: "it broke", retryInMs: null })),
      ),
  };
}
