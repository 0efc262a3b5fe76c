import {
  type Proxy as DatabaseProxy,
  type HeldClock,
  heldClock,
  startProxy,
  waitFor,
} from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  createQueue,
  createWorker,
  defineTask,
  NoAnswerError,
  type Queue,
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

/** The listener probes its connection each 10 s, gives it 5 s to answer, and waits 1 s before it replaces it. */
const [PROBE_MS, PROBE_LIMIT_MS, RECONNECT_MS] = [10_000, 5_000, 1_000];

/** A worker by this clock does nothing by itself: it claims, and renews, when it is told to. */
const untold = () => heldClock((ms) => ms > 0);

/** Waits until a worker that does nothing by itself has done all that it was told to. */
async function untilIdle(proxy: DatabaseProxy, queueName: string): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await pool.query("SELECT FROM millrace.workers WHERE asleep AND $1 = ANY(queues)", [
        queueName,
      ]);
      return rows.length === 1 && proxy.sent("LISTEN") === 1 && proxy.isQuiet();
    },
    { description: "the worker to listen and to sleep" },
  );
}

/** Lets the time pass until the listener's probe of a stalled connection is too late. */
async function untilProbed(clock: HeldClock): Promise<void> {
  await waitFor(
    () => {
      clock.pass(PROBE_MS);
      return clock.pass(PROBE_LIMIT_MS) > 0;
    },
    { description: "a probe that is not answered" },
  );
}

test("a half-open listening connection is noticed and replaced, and what was enqueued meanwhile runs", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url, application_name: "half-open" });
  const clock = untold();
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: through,
    queues: ["half-open"],
    clock,
    tasks: [workTaskOn(pool)],
    onEvent: (event) => void events.push(event),
  });
  worker.start();
  const completed = (id: string | undefined) =>
    events.some((event) => event.kind === "job-completed" && event.job.id === id);
  await untilIdle(proxy, "half-open");
  const [before] = await enqueueWork(queue, "half-open", { count: 1 });
  await waitFor(() => completed(before), { description: "a notification through the proxy" });

  proxy.stall("LISTEN");
  // A claim that is still under way would find the jobs without being told.
  await untilIdle(proxy, "half-open");
  const ids = await enqueueWork(queue, "half-open", { count: 3 });
  await untilProbed(clock);
  await waitFor(
    () => {
      clock.pass(RECONNECT_MS);
      return ids.every(completed);
    },
    { description: "the jobs enqueued while half open" },
  );

  expect(proxy.sent("LISTEN")).toBe(2);
  expect(events).toContainEqual(expect.objectContaining({ kind: "error", during: "listen" }));
  const counts = await tallyWhenDone(pool, ids);
  await worker.stop();
  await through.end();
  await record("half-open listener", { injected: 1, staleRefused: 0, ...counts });
});

test("a job that was asked to stop while the listener was half open stops when the listener is replaced", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url });
  const lane = "half-open-cancel";
  const clock = untold();
  const events: WorkerEvent[] = [];
  const worker = createWorker({
    db: through,
    queues: [lane],
    // The renewal's thread has a clock of its own, by which its renewal is 20 minutes away.
    leaseSeconds: 3_600,
    clock,
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
  await untilIdle(proxy, lane);
  const { id } = await queue.enqueue(lane, {}, { queue: lane });
  const told = (kind: WorkerEvent["kind"]) => events.some((event) => event.kind === kind);
  await waitFor(() => told("job-started"), { description: "the job to run" });

  proxy.stall("LISTEN");
  expect(await queue.cancel(id)).toBe("cancel-requested");
  await untilProbed(clock);
  await waitFor(
    () => {
      clock.pass(RECONNECT_MS);
      return told("job-canceled");
    },
    { description: "the job to stop" },
  );

  expect((await queue.get(id)).state).toBe("canceled");
  await worker.stop();
  await through.end();
});

/** A tenth of the 30 s in which an answer is expected. */
const ANSWER_STEP_MS = 3_000;

test("half-open pool connections are noticed and replaced: jobs are claimed, settled, and stop ends", async () => {
  await using proxy = await startProxy(new URL(database.url));
  const through = new pg.Pool({ connectionString: proxy.url });
  const lane = "half-open-pool";
  const clock = heldClock((ms) => ms === ANSWER_STEP_MS);
  const events: WorkerEvent[] = [];
  const gate = Promise.withResolvers<void>();
  const worker = createWorker({
    db: through,
    queues: [lane],
    pollMs: 100,
    listen: false,
    renewal: "loop",
    clock,
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
  /** Waits while time passes for answers, though never while PostgreSQL still owes one that will come. */
  const waiting = (condition: () => boolean, description: string) =>
    waitFor(
      () => {
        if (proxy.isQuiet()) clock.pass(ANSWER_STEP_MS);
        return condition();
      },
      { description },
    );
  const told = (kind: WorkerEvent["kind"], id: string) =>
    waiting(
      () => events.some((event) => event.kind === kind && "job" in event && event.job.id === id),
      `${kind} of ${id}`,
    );
  worker.start();
  const held = await enqueue("held");
  await told("job-started", held);

  // A claim under way could take the next job, and its answer would be lost for the length of a lease.
  await waitFor(proxy.isQuiet, { description: "every statement to be answered" });
  // Statements name the schema; a connection that is only being made has sent none.
  proxy.stall("millrace.");
  gate.resolve();
  const later = await enqueue("later");

  await told("job-completed", held);
  await told("job-completed", later);
  expect(await queue.get(held)).toMatchObject({ state: "completed", attempts: 1 });
  const silent = events.flatMap((event) => (event.kind === "error" ? [event.error] : []));
  expect(silent).toContainEqual(expect.any(NoAnswerError));
  proxy.stall("millrace.");
  const stopping = worker.stop();
  await waiting(() => events.at(-1)?.kind === "stopped", "the stop");
  await stopping;
  await through.end();
});
