/**
 * What became of one enqueue. A duplicate's `id` is the id of the job that has the idempotency key already; a
 * replacement's is the id of the queued job that it replaced.
 */
export interface EnqueueResult {
  id: string;
  outcome: "enqueued" | "duplicate" | "replaced";
}
