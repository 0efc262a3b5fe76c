import { startProxy, waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  type Clock,
  createQueue,
  createWorker,
  defineTask,
  NoAnswerError,
  type Queue,
  systemClock,
  type WorkerEvent,
} from "../../src/index.ts";
import { createEffects, enqueueWork, record, tallyWhenDone } from "./effects.ts";
import { workTaskOn } from "./work-task.ts";

const database = useTestDatabase();
let pool: pg.Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool();
  queue = createQueue(pool);
  await createEffects(pool);
});

const POLL_MS = 60_000;

/** Whether the worker waits for its poll: whatever it then does sooner, it was told to. */
let resting = false;

/** The listener's probe, each 10 s, and its limit of 5 s pass in a tenth of a second; the poll never does. */
const hurried: Clock = {
  ...systemClock,
  after(ms, callback) {
    if (ms < POLL_MS / 2) return systemClock.after(ms === 10_000 || ms === 5_000 ? 100 : ms, callback);
    resting = true;
    const stop = systemClock.after(ms, callback);
    return () => {
      resting = false;
      stop();
    };
  },
};

test("a listening connection that is half open is noticed and replaced, and what was enqueued meanwhile runs", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url, application_name: "half-open" });
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: through,
    queues: ["half-open"],
    pollMs: POLL_MS,
    clock: hurried,
    tasks: [workTaskOn(pool)],
    onEvent: (event) => void events.push(event),
  });
  worker.start();
  const completed = (id: string | undefined) =>
    events.some((event) => event.kind === "job-completed" && event.job.id === id);
  await waitFor(() => proxy.sent("LISTEN") === 1, { description: "the worker to listen" });
  const [before] = await enqueueWork(queue, "half-open", { count: 1 });
  await waitFor(() => completed(before), { description: "a notification through the proxy" });

  // Until it rests it looks by itself, and would find the jobs without being told.
  await waitFor(() => resting, { description: "the worker to rest" });
  proxy.stall("LISTEN");
  const ids = await enqueueWork(queue, "half-open", { count: 3 });

  await waitFor(() => ids.every(completed), { description: "the jobs enqueued while half open" });
  expect(proxy.sent("LISTEN")).toBe(2);
  expect(events).toContainEqual(expect.objectContaining({ kind: "error", during: "listen" }));
  const counts = await tallyWhenDone(pool, ids);
  await worker.stop();
  await through.end();
  await record("half-open listener", { injected: 1, staleRefused: 0, ...counts });
});

test("a job that was asked to stop while the listening connection was half open stops when that is replaced", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url });
  const lane = "half-open-cancel";
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: through,
    queues: [lane],
    pollMs: POLL_MS,
    // Its renewal is 20 minutes away.
    leaseSeconds: 3_600,
    clock: hurried,
    tasks: [
      defineTask({
        name: lane,
        payload: z.unknown(),
        run: (_payload, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      }),
    ],
    onEvent: (event) => void events.push(event),
  });
  worker.start();
  await waitFor(() => proxy.sent("LISTEN") === 1, { description: "the worker to listen" });
  const { id } = await queue.enqueue(lane, {}, { queue: lane });
  const told = (kind: WorkerEvent["kind"]) => events.some((event) => event.kind === kind);
  await waitFor(() => told("job-started"), { description: "the job to run" });

  proxy.stall("LISTEN");
  expect(await queue.cancel(id)).toBe("cancel-requested");

  await waitFor(() => told("job-canceled"), { description: "the job to stop" });
  expect((await queue.get(id)).state).toBe("canceled");
  await worker.stop();
  await through.end();
});

/** A tenth of the 30 s in which an answer is expected; they pass in a second. */
const impatient: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === 3_000 ? 100 : ms, callback),
};

test("pool connections that are half open are noticed and replaced: jobs are claimed, settled, and stop ends", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url });
  const lane = "half-open-pool";
  const events: WorkerEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const worker = createWorker({
    db: through,
    queues: [lane],
    pollMs: 100,
    listen: false,
    renewal: "loop",
    clock: impatient,
    tasks: [
      defineTask({
        name: lane,
        payload: z.string(),
        run: (payload) => (payload === "held" ? gate.promise : undefined),
      }),
    ],
    onEvent: (event) => void events.push(event),
  });
  const enqueue = async (payload: string) => (await queue.enqueue(lane, payload, { queue: lane })).id;
  const told = (kind: WorkerEvent["kind"], id: string) =>
    waitFor(() => events.some((event) => event.kind === kind && "job" in event && event.job.id === id), {
      description: `${kind} of ${id}`,
      timeoutMs: 30_000,
    });
  worker.start();
  const held = await enqueue("held");
  await told("job-started", held);

  proxy.stall("millrace");
  gate.resolve();
  const later = await enqueue("later");

  await told("job-completed", held);
  await told("job-completed", later);
  expect(await queue.get(held)).toMatchObject({ state: "completed", attempts: 1 });
  const silent = events.flatMap((event) => (event.kind === "error" ? [event.error] : []));
  expect(silent).toContainEqual(expect.any(NoAnswerError));
  proxy.stall("millrace");
  await worker.stop();
  expect(events.at(-1)?.kind).toBe("stopped");
  await through.end();
});
