/**
 * The result of one enqueue:
 * - `enqueued`: a new job was inserted; `id` is its id.
 * - `duplicate`: nothing was written; `id` is the id of the job that has the idempotency key.
 * - `replaced`: the new job overwrote a queued job with the same key; `id` is the id of that job.
 */
export interface EnqueueResult {
  id: string;
  outcome: "enqueued" | "duplicate" | "replaced";
}
