import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import type { Middleware } from "../task/middleware.ts";
import type { TaskContext } from "../task/task-context.ts";
import { runMiddleware } from "./run-middleware.ts";

// The tests' middlewares read only the job's id.
const context = { job: { id: "j" } } as TaskContext;

const run = (middleware: readonly Middleware[], handler: () => unknown = () => "output") =>
  runMiddleware(middleware, context, async () => handler());

describe("middleware", () => {
  test("wraps the handler in order, the first outermost, and each gets the context", async () => {
    const steps: string[] = [];
    const noting =
      (name: string): Middleware =>
      async (given, next) => {
        steps.push(`${name} before ${given.job.id}`);
        const output = await next();
        steps.push(`${name} after`);
        return output;
      };

    const output = await run([noting("outer"), noting("inner")], () => {
      steps.push("handler");
      return 7;
    });

    expect(output).toBe(7);
    expect(steps).toEqual(["outer before j", "inner before j", "handler", "inner after", "outer after"]);
  });

  test("may change the output, or give one without the handler", async () => {
    const changes: Middleware = async (_context, next) => [await next()];
    const answers: Middleware = async () => "cached";

    expect(await run([changes])).toEqual(["output"]);
    expect(await run([changes, answers], () => expect.unreachable())).toEqual(["cached"]);
  });

  test("sees what the handler throws, and may catch it, or throw something else", async () => {
    const catches: Middleware = async (_context, next) => next().catch((error: Error) => error.message);
    const throws: Middleware = async (_context, next) => {
      await next();
      throw new Error("after");
    };
    const throwsAtOnce: Middleware = () => {
      throw new Error("at once");
    };
    const fails = () => {
      throw new Error("failed");
    };

    expect(await run([catches], fails)).toBe("failed");
    await expect(run([async (_context, next) => next()], fails)).rejects.toThrow("failed");
    await expect(run([throws])).rejects.toThrow("after");
    await expect(run([throwsAtOnce])).rejects.toThrow("at once");
  });

  test("that calls next twice is told so, and the handler runs once", async () => {
    let runs = 0;
    const twice: Middleware = async (_context, next) => {
      await next();
      return next();
    };

    await expect(run([twice], () => (runs += 1))).rejects.toMatchObject({ code: "NEXT_CALLED_TWICE" });
    expect(runs).toBe(1);
  });

  test("carries an AsyncLocalStorage into the handler", async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores: Middleware = (given, next) => storage.run(`of ${given.job.id}`, next);

    expect(await run([stores, async (_context, next) => next()], () => storage.getStore())).toBe("of j");
  });

  describe("that does not wait for next", () => {
    const hasty: Middleware = async (_context, next) => {
      void next();
      return "hasty";
    };
    const throwing: Middleware = async (_context, next) => {
      void next();
      throw new Error("hasty");
    };

    test.each([
      ["returns", hasty],
      ["throws", throwing],
    ])("and %s ends the run only after the handler", async (_what, middleware) => {
      const handler = Promise.withResolvers<string>();
      let isOver = false;
      const over = run([middleware], () => handler.promise).then(
        () => undefined,
        () => undefined,
      );
      void over.then(() => {
        isOver = true;
      });

      await new Promise(setImmediate);
      expect(isOver).toBe(false);
      handler.resolve("late");
      await over;
      expect(isOver).toBe(true);
    });

    test("ends the run with the handler's error, which nobody else has seen", async () => {
      const failing = async () => {
        await new Promise(setImmediate);
        throw new Error("failed late");
      };

      await expect(run([hasty], failing)).rejects.toThrow("failed late");
      await expect(run([throwing], failing)).rejects.toThrow("hasty");
    });
  });
});
