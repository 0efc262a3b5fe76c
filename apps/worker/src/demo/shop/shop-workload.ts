import { createQueue, type NewJob, type Queue } from "@millrace/queue";
import { createSchedules, type NewSchedule } from "@millrace/scheduler";
import type { Pool } from "pg";

/** The queue that is paused, so that its jobs wait. */
const PAUSED_QUEUE = "newsletter";

/** The queues of the shop's jobs. */
export const SHOP_QUEUES: readonly string[] = ["billing", "mail", "media", "reports", "shop", PAUSED_QUEUE];

/** A type of jobs that no worker has a task for. */
export const SHOP_TYPE_WITHOUT_TASK = "video.transcode";

const SCHEDULES: readonly NewSchedule[] = [
  {
    name: "shop.orders",
    jobType: "shop.order",
    queue: "shop",
    everyMs: 4_000,
    misfire: "skip",
    overlap: "skip",
  },
  {
    name: "reports.live",
    jobType: "report.render",
    queue: "reports",
    payload: { title: "Sales of today", pages: 25 },
    everyMs: 20_000,
    misfire: "skip",
    // A report takes longer than 20 s, so that some ticks make no job.
    overlap: "skip",
  },
  {
    name: "reports.nightly",
    jobType: "report.render",
    queue: "reports",
    payload: { title: "Sales of the day", pages: 40 },
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
  },
  {
    name: "newsletter.weekly",
    jobType: "newsletter.send",
    queue: PAUSED_QUEUE,
    payload: { issue: 8, group: 1 },
    cron: "0 8 * * 1",
    timezone: "America/New_York",
    enabled: false,
  },
];

/** The names of the shop's schedules. */
export const SHOP_SCHEDULES: readonly string[] = SCHEDULES.map((schedule) => schedule.name);

/** Opens the shop: creates its schedules, and enqueues the jobs that no schedule makes. Safe to repeat. */
export async function openShop(pool: Pool): Promise<void> {
  const queue = createQueue(pool);
  await queue.pause(PAUSED_QUEUE);
  const schedules = createSchedules(pool);
  for (const schedule of SCHEDULES) await schedules.ensure(schedule);
  for (const job of jobsThatWait()) {
    // The key keeps a second opening from enqueueing the job again while it waits.
    const { type, payload = {}, ...options } = job;
    await queue.enqueue(type, payload, { ...options, keyScope: "queued" });
  }
  // The payload lacks a field of the task's schema, so the job fails at once.
  await queue.enqueue("card.charge", { order: 9_999 }, { queue: "billing", priority: -10 });
  await cancelOne(queue);
}

function jobsThatWait(): NewJob[] {
  const groups = Array.from({ length: 24 }, (_, index) => index + 1);
  return [
    ...groups.map((group) => ({
      type: "newsletter.send",
      payload: { issue: 7, group },
      queue: PAUSED_QUEUE,
      idempotencyKey: `newsletter:7:${group}`,
      tags: ["issue:7"],
    })),
    {
      type: SHOP_TYPE_WITHOUT_TASK,
      payload: { path: "/videos/tour.mov" },
      queue: "media",
      idempotencyKey: "video:tour",
    },
    {
      type: "report.render",
      payload: { title: "Sales of the year", pages: 120 },
      queue: "reports",
      delayMs: 7_200_000,
      idempotencyKey: "report:year",
      tags: ["yearly"],
      metadata: { requestedBy: "ada" },
    },
  ];
}

async function cancelOne(queue: Queue): Promise<void> {
  const payload = { to: "nobody@example.com", template: "how-was-it" };
  const { id } = await queue.enqueue("mail.send", payload, { queue: "mail", delayMs: 3_600_000 });
  await queue.cancel(id);
}
