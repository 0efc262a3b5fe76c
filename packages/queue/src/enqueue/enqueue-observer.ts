/** Is told of enqueued jobs, for metrics. */
export interface EnqueueObserver {
  /**
   * A call of `enqueue` or `enqueueMany` has resolved, and inserted so many new jobs into this queue. Duplicates and
   * replaced jobs do not count. With `tx`, the jobs count before that transaction commits, and stay counted if it rolls
   * back. What the function throws does not fail the call: a worker reports it as an `error` event, and a queue
   * as a warning of the process.
   */
  enqueued?(queue: string, jobs: number): void;
}
