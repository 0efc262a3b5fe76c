import { createQueue, type EnqueueOptions, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import type { Pool } from "pg";

/** A text that would run a script if a page took the text for HTML. At most 100 characters, so that it fits a name. */
export const HOSTILE = `<img src=x onerror="alert(1)">'"&<script>alert(2)</script>{{7*7}}`;

/** What the tests know about the seeded jobs. */
export interface Seeded {
  /** A queued job that is due, of type `send`. */
  readonly queuedId: string;
  /** A failed job whose error and payload have hostile texts. */
  readonly hostileId: string;
  /** A failed job with the error "connection refused". */
  readonly failedId: string;
}

/** Fills a database with jobs, schedules and a paused queue, with hostile texts among them. */
export async function seed(pool: Pool): Promise<Seeded> {
  const queue = createQueue(pool, { audit: { who: "ada", via: "a test" } });
  const failed = await failJobs(queue, "connection refused", 6, "send");
  await failJobs(queue, "The card was declined: order 17", 3, "charge");
  await completeJobs(queue, 5);
  const hostileId = await failHostileJob(queue);
  const canceled = await queue.enqueue("send", {}, { queue: "mail" });
  await queue.cancel(canceled.id);
  const queued = await queue.enqueue(
    "send",
    { big: 1, to: "ada@example.com" },
    { queue: "mail", tags: ["vip", "eu"], metadata: { requestedBy: "ada" } },
  );
  for (let n = 0; n < 12; n++) await queue.enqueue("send", { n }, { queue: "mail", delayMs: 3_600_000 });
  await queue.enqueue("newsletter", { issue: 7 }, { queue: "newsletter" });
  await queue.pause("newsletter");
  await queue.enqueue("send", {}, { queue: HOSTILE, delayMs: 3_600_000 });
  await addSchedules(pool);
  const [failedId = ""] = failed;
  return { queuedId: queued.id, hostileId, failedId };
}

/** Enqueues jobs that are due before all others, and claims them. */
async function claimNew(
  queue: Queue,
  type: string,
  count: number,
  options: EnqueueOptions = {},
  payload: object = {},
) {
  for (let n = 0; n < count; n++) {
    await queue.enqueue(type, { ...payload, n }, { queue: "mail", ...options, priority: -9 });
  }
  const { queue: name = "mail" } = options;
  return queue.runs.claim({ queues: [name], workerId: "worker-1", limit: count, leaseSeconds: 3_600 });
}

async function failJobs(queue: Queue, error: string, count: number, type: string): Promise<string[]> {
  const runs = await claimNew(queue, type, count);
  const text = `Error: ${error}\n    at handle (file:///srv/app/tasks/${type}.ts:12:9)`;
  await queue.runs.fail(runs.map((run) => ({ ...run, error: text, retryInMs: null })));
  return runs.map((run) => run.id);
}

async function completeJobs(queue: Queue, count: number): Promise<void> {
  const runs = await claimNew(queue, "resize", count);
  await queue.runs.complete(runs.map((run) => ({ ...run, output: '{"width": 640}' })));
}

async function failHostileJob(queue: Queue): Promise<string> {
  const options = {
    queue: HOSTILE,
    tags: [HOSTILE],
    metadata: { [HOSTILE]: HOSTILE },
    idempotencyKey: HOSTILE,
  };
  const runs = await claimNew(queue, HOSTILE, 1, options, { [HOSTILE]: [HOSTILE, { deep: HOSTILE }] });
  await queue.runs.fail(
    runs.map((run) => ({ ...run, error: `Error: ${HOSTILE}\n    at ${HOSTILE}`, retryInMs: null })),
  );
  return runs[0]?.id ?? "";
}

async function addSchedules(pool: Pool): Promise<void> {
  const schedules = createSchedules(pool);
  await schedules.create({
    name: "nightly-report",
    jobType: "report",
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
    payload: { pages: 3 },
  });
  await schedules.create({ name: "poll", jobType: "send", everyMs: 90_000, overlap: "skip", enabled: false });
  await schedules.create({
    name: HOSTILE,
    jobType: HOSTILE,
    queue: HOSTILE,
    cron: "0 8 * * 1",
    payload: { a: HOSTILE },
  });
  await schedules.runNow("nightly-report");
}
