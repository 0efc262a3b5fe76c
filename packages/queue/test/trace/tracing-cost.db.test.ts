import { createHook } from "node:async_hooks";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createQueue, createWorker, defineTask, type Executor, type Telemetry } from "../../src/index.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";

const database = useTestDatabase();
let pool: pg.Pool;

// No SDK is registered in this file: only the API is there, and what follows a context through asynchronous code.
beforeAll(() => {
  pool = database.pool();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return () => context.disable();
});

const JOBS = 300;

/** What an enqueue sent to the database, and what is in the rows. */
interface Sent {
  statements: string[];
  /** How many characters the parameters have in all. */
  parameters: number;
  /** How many of the ended jobs have settings. */
  withSettings: number;
}

/** Enqueues jobs one by one and together, and runs all of them. */
async function sentFor(telemetry: Telemetry | undefined): Promise<Sent> {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
  const sent: Sent = { statements: [], parameters: 0, withSettings: 0 };
  const db: Executor = {
    query(text, values) {
      sent.statements.push(text);
      sent.parameters += JSON.stringify(values).length;
      return pool.query(text, values);
    },
  };
  const telling = telemetry === undefined ? {} : { telemetry };
  const queue = createQueue(db, telling);
  await Promise.all(Array.from({ length: 100 }, () => queue.enqueue("cheap")));
  await queue.enqueueMany(Array.from({ length: JOBS - 100 }, () => ({ type: "cheap" })));
  const tasks = [defineTask({ name: "cheap", payload: z.unknown(), run: () => undefined })];
  const { completed } = await createWorker({ db: pool, ...telling, tasks }).runUntilEmpty();
  const { rows } = await pool.query("SELECT count(settings)::int AS settings FROM millrace.ended_jobs");
  expect(completed).toBe(JOBS);
  return { ...sent, withSettings: rows[0].settings };
}

test("without a span, the same statements are sent as without telemetry, with as many parameters", async () => {
  const without = await sentFor(undefined);
  const idle = await sentFor(openTelemetry());

  expect(idle).toEqual(without);
  expect([without.statements.length, without.withSettings]).toEqual([2, 0]);
});

test("in a span, as many statements are sent, and the context alone is added", async () => {
  const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
  const inSpan = await context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => sentFor(openTelemetry()));

  expect([inSpan.statements.length, inSpan.withSettings]).toEqual([2, JOBS]);
});

test("an enqueue without telemetry makes 18 promises at most, and more with telemetry", async () => {
  const silent: Executor = { query: () => Promise.resolve({ rows: [] }) };
  const passing: Telemetry = {
    enqueue: (_send, write) => write(null),
    run: (_run, work) => work(null),
    tick: () => null,
  };
  /** How many promises one enqueue makes, on average: others may be made meanwhile. */
  const promisesOf = async (telemetry: Telemetry | undefined) => {
    const queue = createQueue(silent, telemetry === undefined ? {} : { telemetry });
    let promises = 0;
    const hook = createHook({
      init(_id, type) {
        if (type === "PROMISE") promises += 1;
      },
    });
    hook.enable();
    for (let count = 0; count < 1_000; count += 1) await queue.enqueue("counted");
    hook.disable();
    return Math.round(promises / 1_000);
  };

  const without = await promisesOf(undefined);

  expect(without).toBeLessThanOrEqual(18);
  expect(await promisesOf(passing)).toBeGreaterThan(without);
});
