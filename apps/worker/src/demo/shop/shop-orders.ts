import type { Clock } from "@millrace/base";
import { defineTask, type NewJob } from "@millrace/queue";
import { z } from "zod";

const CUSTOMERS = ["ada", "grace", "edsger", "barbara", "donald", "margaret", "tony", "frances"];

/** The task that a schedule runs every few seconds: a visitor orders something, which makes several jobs. */
export function orderTask(clock: Clock) {
  return defineTask({
    name: "shop.order",
    queue: "shop",
    payload: z.strictObject({}),
    retentionMs: 600_000,
    async run(_payload, { enqueue }) {
      for (const { type, payload, ...options } of jobsOfAnOrder(clock)) await enqueue(type, payload, options);
    },
  });
}

/** Returns the jobs that an order makes. */
export function jobsOfAnOrder({ random }: Pick<Clock, "random">): NewJob[] {
  const order = 10_000 + Math.floor(random() * 90_000);
  const customer = CUSTOMERS[Math.floor(random() * CUSTOMERS.length)] ?? "ada";
  const tags = [`customer:${customer}`, ...(random() < 0.3 ? ["express"] : [])];
  const to = `${customer}@example.com`;
  const card = { number: "4000 0566 5566 5556", holder: customer };
  const cents = 500 + Math.floor(random() * 20_000);
  return [
    {
      type: "card.charge",
      payload: { order, cents, card },
      queue: "billing",
      priority: -10,
      idempotencyKey: `charge:${order}`,
      tags,
    },
    { type: "mail.send", payload: { to, template: "order-received" }, queue: "mail", tags },
    { type: "mail.send", payload: { to, template: "how-was-it" }, queue: "mail", delayMs: 90_000, tags },
    ...(random() < 0.4
      ? [
          {
            type: "image.resize",
            payload: { path: `/photos/${order}.jpg`, widths: [320, 1_280] },
            queue: "media",
          },
        ]
      : []),
  ];
}
