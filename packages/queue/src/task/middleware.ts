import type { TaskContext } from "./task-context.ts";

/**
 * Code around each handler of a worker: for tracing, for an `AsyncLocalStorage`, for locks, for logs.
 *
 * - `next` checks the payload, runs the handler, and resolves with what the handler returned. With several middlewares,
 *   `next` runs the middleware that comes after this one.
 * - What a middleware resolves with is the job's output. So return what `next` resolves with, or something else.
 * - What a middleware throws ends the run, as if the handler had thrown it. A middleware may catch what `next` throws.
 * - A middleware that does not call `next` ends the run without the handler. To call `next` twice throws
 *   `NextCalledTwiceError` (`NEXT_CALLED_TWICE`).
 * - The time-out of a run counts its middlewares, too.
 *
 * @example
 * const traced: Middleware = (context, next) =>
 *   tracer.startActiveSpan(context.job.type, async (span) => {
 *     try {
 *       return await next();
 *     } finally {
 *       span.end();
 *     }
 *   });
 */
export type Middleware = (context: TaskContext, next: () => Promise<unknown>) => Promise<unknown>;
