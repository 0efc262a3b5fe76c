import { InvalidOptionError } from "@millrace/base";
import { expect, test } from "vitest";
import { z } from "zod";
import { JsonText } from "../enqueue/json-text.ts";
import {
  Cancel,
  Fatal,
  InvalidPayloadError,
  JobCanceledError,
  JobTimeoutError,
  LeaseLostError,
  RetryLater,
  Snooze,
  WorkerStoppingError,
} from "../errors.ts";
import { defineTask } from "../task/define-task.ts";
import type { TaskContext } from "../task/task-context.ts";
import { upcaster } from "../task/upcaster.ts";
import { runTask } from "./run-task.ts";

const audit = defineTask({ name: "audit", payload: z.object({ orderId: z.number() }), run: () => undefined });

const taskThat = (run: (payload: { orderId: number }, context: TaskContext) => unknown) =>
  defineTask({ name: "charge", queue: "money", payload: z.object({ orderId: z.number() }), run });
const throwing = (error: unknown) =>
  taskThat(() => {
    throw error;
  });
/** A task whose handler ends when it is aborted, and how to wait until the handler has begun. */
function abortable() {
  const began = Promise.withResolvers<void>();
  const task = taskThat(
    (_payload, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("gave up")));
        began.resolve();
      }),
  );
  return { task, began: began.promise };
}

test("a handler that returns completes its run, and its output is read back from JSON", async () => {
  const at = new Date("2026-01-02T03:04:05.678Z");

  const run = await runTask(
    taskThat(() => ({ at })),
    { orderId: 7 },
  );

  expect(run).toMatchObject({
    outcome: "completed",
    output: { at: "2026-01-02T03:04:05.678Z" },
    error: null,
    thrown: null,
    delayMs: null,
    job: { type: "charge", queue: "money", payload: { orderId: 7 }, attempt: 1, maxAttempts: 10 },
  });
});

test.each([
  ["an error", new Error("no"), { attempt: 3 }, { outcome: "retried", delayMs: 20_000 }],
  ["an error at the last attempt", new Error("no"), { attempt: 10 }, { outcome: "failed", delayMs: null }],
  ["Fatal", new Fatal("no card"), {}, { outcome: "failed" }],
  ["RetryLater", new RetryLater("busy", { delayMs: 60_000 }), {}, { outcome: "retried", delayMs: 60_000 }],
  ["Snooze", new Snooze(30_000), { attempt: 10 }, { outcome: "snoozed", delayMs: 30_000, error: null }],
  ["Cancel", new Cancel("not needed"), {}, { outcome: "canceled" }],
])("a handler that throws %s ends its run as in a worker", async (_what, thrown, options, expected) => {
  const run = await runTask(throwing(thrown), { orderId: 7 }, options);

  expect(run).toMatchObject({ ...expected, thrown, output: null });
  if (run.error !== null) expect(run.error).toContain(thrown.message);
});

test("job, task, queue and worker decide the backoff in this order", async () => {
  const task = throwing(new Error("no"));
  const defaults = { backoff: { baseMs: 1 } };
  const queueSettings = { backoff: { baseMs: 2 } };
  const settings = { backoff: { baseMs: 3 } };

  expect(await runTask(task, { orderId: 7 }, { defaults })).toMatchObject({ delayMs: 1 });
  expect(await runTask(task, { orderId: 7 }, { defaults, queueSettings })).toMatchObject({ delayMs: 2 });
  expect(await runTask(task, { orderId: 7 }, { defaults, queueSettings, settings })).toMatchObject({
    delayMs: 3,
  });
});

test("a payload that enqueue refuses is refused, also one that JSON changes", async () => {
  const dated = defineTask({ name: "dated", payload: z.object({ at: z.date() }), run: () => undefined });

  await expect(runTask(audit, { orderId: "7" } as never)).rejects.toThrow(InvalidPayloadError);
  await expect(runTask(dated, { at: new Date(0) })).rejects.toThrow(/will be .* when the job runs/);
});

test("a payload of an older release goes through the upcasters, and fails its run if none fits", async () => {
  const task = defineTask({
    name: "charge",
    payload: z.object({ orderId: z.number() }),
    upcasters: [upcaster(z.object({ order: z.number() }), ({ order }) => ({ orderId: order }))],
    run: ({ orderId }) => orderId,
  });

  const older = await runTask(task, new JsonText('{"order": 7}'));
  const unknown = await runTask(task, new JsonText('{"bill": 7}'));

  expect(older).toMatchObject({ outcome: "completed", output: 7 });
  expect(unknown).toMatchObject({ outcome: "failed", thrown: expect.any(InvalidPayloadError) });
});

test("what a handler enqueues, tells and extends is recorded in its order", async () => {
  const task = taskThat(async ({ orderId }, context) => {
    await context.progress({ step: 1 });
    await context.enqueue(audit, { orderId }, { delayMs: 60_000, tags: ["late"], idempotencyKey: "audit-7" });
    await context.enqueue("mail", { to: "a@b.example" });
    await context.extend(5_500);
    await context.progress({ step: 2 });
  });

  const run = await runTask(task, { orderId: 7 });

  expect(run.progress).toEqual([{ step: 1 }, { step: 2 }]);
  expect(run.extendedMs).toEqual([6_000]);
  expect(run.enqueued.map(({ type }) => type)).toEqual(["audit", "mail"]);
  const [first] = run.enqueuedOf(audit);
  expect(first).toMatchObject({
    outcome: "enqueued",
    payload: { orderId: 7 },
    queue: "default",
    delayMs: 60_000,
    runAt: null,
    idempotencyKey: "audit-7",
    tags: ["late"],
  });
});

test("an enqueue that the queue refuses is refused, and is not recorded", async () => {
  const task = taskThat((_payload, context) => context.enqueue(audit, { orderId: "seven" } as never));

  const run = await runTask(task, { orderId: 7 });

  expect(run).toMatchObject({
    outcome: "failed",
    thrown: expect.objectContaining({ type: "audit" }),
    enqueued: [],
  });
});

test.each([
  ["a lost lease", new LeaseLostError("1"), "lost"],
  ["a worker that stops", new WorkerStoppingError(), "released"],
  ["a time-out", new JobTimeoutError("1", 5), "retried"],
  ["a cancel", new JobCanceledError("1"), "canceled"],
  ["a reason of the test's own", new Error("stop it"), "canceled"],
])("an abort because of %s ends the run as in a worker", async (_what, reason, outcome) => {
  const controller = new AbortController();

  const { task, began } = abortable();

  const running = runTask(task, { orderId: 7 }, { signal: controller.signal });
  await began;
  controller.abort(reason);

  expect(await running).toMatchObject({ outcome });
});

test("a run whose signal is aborted already begins no handler", async () => {
  let begun = false;
  const task = taskThat(() => {
    begun = true;
  });

  const run = await runTask(task, { orderId: 7 }, { signal: AbortSignal.abort() });

  expect(run.outcome).toBe("canceled");
  expect(begun).toBe(false);
});

test("the time-out of a task aborts its handler", async () => {
  const timers: (() => void)[] = [];
  const clock = {
    now: () => 0,
    random: () => 0,
    after(ms: number, callback: () => void) {
      if (ms === 1_234) timers.push(callback);
      return () => {};
    },
  };
  const task = defineTask({ ...untilAbortedOptions, timeoutMs: 1_234 });

  const running = runTask(task, {}, { clock });
  await expect.poll(() => timers.length).toBe(1);
  for (const fire of timers) fire();

  expect(await running).toMatchObject({ outcome: "retried", error: expect.stringContaining("1234 ms") });
});

const untilAbortedOptions = {
  name: "slow",
  payload: z.object({}),
  run: (_payload: object, { signal }: TaskContext) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
};

test("middleware and details reach the handler", async () => {
  const seen: unknown[] = [];
  const task = taskThat((_payload, { details, attempt }) => {
    seen.push([details.lastError, details.priority, attempt]);
    return "inner";
  });

  const run = await runTask(
    task,
    { orderId: 7 },
    {
      attempt: 2,
      details: { lastError: "no" },
      middleware: [async (_context, next) => `outer of ${await next()}`],
    },
  );

  expect(seen).toEqual([["no", 0, 2]]);
  expect(run.output).toBe("outer of inner");
});

test("completeInTx without a database is refused to the test, not to the handler alone", async () => {
  const tx = { query: async () => ({ rows: [{ isolation: "read committed" }] }) };
  const task = taskThat((_payload, context) => context.completeInTx(tx).catch(() => undefined));

  await expect(runTask(task, { orderId: 7 })).rejects.toMatchObject({ code: "COMPLETION_NEEDS_DATABASE" });
});

test("an unknown option is refused with the one that was meant", async () => {
  const running = runTask(audit, { orderId: 7 }, { attempts: 2 } as never);

  await expect(running).rejects.toThrow(InvalidOptionError);
  await expect(running).rejects.toThrow("did you mean `attempt`?");
});
