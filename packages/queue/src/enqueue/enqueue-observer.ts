/** Is told of enqueued jobs, for metrics. */
export interface EnqueueObserver {
  /**
   * A call of `enqueue` or `enqueueMany` has resolved, and inserted so many new jobs into this queue. Duplicates and
   * replaced jobs do not count. With `tx`, the jobs count before that transaction commits, and stay counted if it rolls
   * back. An error that the function throws rejects the call, although the jobs are enqueued.
   */
  enqueued?(queue: string, jobs: number): void;
}
