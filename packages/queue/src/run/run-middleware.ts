import { NextCalledTwiceError } from "../errors.ts";
import type { Middleware } from "../task/middleware.ts";
import type { TaskContext } from "../task/task-context.ts";

/**
 * Runs a handler inside middlewares, of which the first is the outermost. Resolves with what the outermost resolves
 * with, and rejects with what it throws. The promise settles only after the handler has ended, also when a middleware
 * does not wait for `next`: else the job could run again beside its own handler.
 */
export async function runMiddleware(
  middleware: readonly Middleware[],
  context: TaskContext,
  handler: () => Promise<unknown>,
): Promise<unknown> {
  const [outermost, ...inner] = middleware;
  if (outermost === undefined) return handler();
  let inside: Promise<unknown> | undefined;
  let isPending = false;
  const next = () => {
    if (inside !== undefined) throw new NextCalledTwiceError(context.job.id);
    isPending = true;
    inside = runMiddleware(inner, context, handler).finally(() => {
      isPending = false;
    });
    // A middleware may leave the promise alone. Its rejection must not end the process.
    inside.catch(() => undefined);
    return inside;
  };
  let output: unknown;
  try {
    output = await outermost(context, next);
  } catch (error) {
    await inside?.catch(() => undefined);
    throw error;
  }
  // An error that the middleware has not waited for is the run's error: nobody else would learn of it.
  if (isPending) await inside;
  return output;
}
