import { createQueue, createWorker, type Queue, type Worker } from "@millrace/queue";
import { createScheduler, createSchedules } from "@millrace/scheduler";
import { waitFor } from "@millrace/testpg";
import type { Pool } from "pg";
import { type MailProvider, shopTasks } from "./shop-tasks.ts";
import { spreadOverHour } from "./spread-over-hour.sql.ts";

/** A shop whose jobs run in two workers. */
export interface Shop {
  readonly provider: MailProvider;
  readonly queue: Queue;
  stop(): Promise<void>;
}

/** Nobody reads what the workers tell: their jobs fail on purpose. */
const onEvent = () => {};

const QUEUES = ["mail", "billing", "images", "reports"];

/** How many jobs of each type the shop has run in the hour before the incident. */
const BEFORE = { receipts: 900, charges: 700, images: 1_200 } as const;

/** How many mails fall into the incident. */
const DURING = { receipts: 64, invoices: 18 } as const;

/**
 * Starts a shop whose mail provider has been down for ten minutes. Its workers ran each of its jobs; then the jobs'
 * times are moved back, so that they lie within the last hour.
 */
export async function startShop(pool: Pool): Promise<Shop> {
  const provider = { isUp: true };
  const reportMayEnd = Promise.withResolvers<void>();
  const tasks = shopTasks(provider, reportMayEnd.promise);
  const queue = createQueue(pool, { audit: { who: "ada", via: "shop" } });
  const workers: Worker[] = [];
  const startWorkers = () => {
    for (const workerId of ["shop-1", "shop-2"]) {
      const worker = createWorker({
        db: pool,
        tasks,
        queues: QUEUES,
        concurrency: 8,
        workerId,
        renewal: "loop",
        onEvent,
      });
      worker.start();
      workers.push(worker);
    }
  };
  startWorkers();
  await runHour(queue);
  provider.isUp = false;
  await runIncident(queue);
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await spreadOverHour(pool, "ECONNREFUSED");
  // The workers begin anew, so that what they counted above is not counted once more.
  startWorkers();
  const stopSchedules = await startSchedules(pool, queue);
  await queue.enqueue("report", { month: "2026-10" }, { queue: "reports" });
  await until("the report to run", async () => (await queue.list({ state: "running" })).length === 1);
  return {
    provider,
    queue,
    async stop() {
      reportMayEnd.resolve();
      await stopSchedules();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

const address = (order: number) => `customer-${order}@example.com`;

/** An hour in which some cards are declined, some images cannot be read, and some customers mistype their address. */
async function runHour(queue: Queue): Promise<void> {
  for (let n = 0; n < BEFORE.receipts; n += 100) {
    await queue.enqueueMany(
      Array.from({ length: 100 }, (_, at) => {
        const order = 4_000 + n + at;
        const to = (n + at) % 300 === 17 ? `customer-${order}.example.com` : address(order);
        return { type: "send-receipt", payload: { order, to }, queue: "mail", maxAttempts: 3 };
      }),
    );
  }
  await queue.enqueueMany(
    Array.from({ length: BEFORE.charges }, (_, n) => {
      const cents = n % 140 === 9 ? 240_000 : 1_200 + n;
      return { type: "charge", payload: { order: 4_000 + n, cents }, queue: "billing" };
    }),
  );
  await queue.enqueueMany(
    Array.from({ length: BEFORE.images }, (_, n) => {
      const image = `product-${n}.${n % 400 === 33 ? "heic" : "png"}`;
      return { type: "resize", payload: { image }, queue: "images", priority: 5 };
    }),
  );
  await until("the hour's jobs to end", async () => (await queue.count({ state: "queued" })).count === 0);
}

/** The mails that the provider does not take: receipts fail for good, and invoices wait for their next attempt. */
async function runIncident(queue: Queue): Promise<void> {
  await queue.enqueueMany(
    Array.from({ length: DURING.receipts }, (_, n) => {
      const order = 4_900 + n;
      return { type: "send-receipt", payload: { order, to: address(order) }, queue: "mail", maxAttempts: 3 };
    }),
  );
  await queue.enqueueMany(
    Array.from({ length: DURING.invoices }, (_, n) => {
      const order = 4_900 + n;
      // A customer who wrote the address with a blank in the place of the @.
      const to = n === DURING.invoices - 1 ? `customer-${order} example.com` : address(order);
      return { type: "send-invoice", payload: { order, to }, queue: "mail", tags: ["monthly"] };
    }),
  );
  await until("the receipts to fail", async () => {
    const { count } = await queue.count({
      state: "failed",
      type: "send-receipt",
      errorIncludes: "ECONNREFUSED",
    });
    return count === DURING.receipts;
  });
  await until("the invoices to be tried", async () => {
    const { count } = await queue.count({ state: "queued", errorIncludes: "ECONNREFUSED" });
    return count === DURING.invoices;
  });
}

/** Starts schedules whose ticks enqueue jobs of the shop. Returns what stops them. */
async function startSchedules(pool: Pool, queue: Queue): Promise<() => Promise<void>> {
  const schedules = createSchedules(pool, { audit: { who: "ada", via: "shop" } });
  await schedules.create({
    name: "nightly-report",
    jobType: "report",
    queue: "reports",
    cron: "30 2 * * *",
    payload: { month: "2026-10" },
  });
  await schedules.create({
    name: "monthly-invoices",
    jobType: "send-invoice",
    queue: "mail",
    cron: "0 6 1 * *",
    payload: { order: 1, to: address(1) },
  });
  await schedules.create({
    name: "teasers",
    jobType: "resize",
    queue: "images",
    everyMs: 900_000,
    payload: { image: "teaser.png" },
  });
  const scheduler = createScheduler({ pool, queue });
  scheduler.start();
  return () => scheduler.stop();
}

const until = (description: string, isSo: () => Promise<boolean>) =>
  waitFor(isSo, { description, timeoutMs: 60_000 });
