import { defineTask } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { z } from "zod";
import { orders } from "./tables.ts";

/** The tasks and schedules of the application. */
export function createJobs(db: NodePgDatabase) {
  /** Takes the payment. The order is paid and the job completed in one transaction: exactly once. */
  const takePayment = defineTask({
    name: "take-payment",
    payload: z.object({ orderId: z.number() }),
    async run({ orderId }, { completeInTx }) {
      await db.transaction(async (tx) => {
        await tx.update(orders).set({ paid: true }).where(eq(orders.id, orderId));
        await completeInTx(tx);
      });
    },
  });

  const countUnpaid = defineTask({
    name: "count-unpaid",
    payload: z.object({}),
    run: async () => ({ unpaid: await db.$count(orders, sql`NOT ${orders.paid}`) }),
  });

  const countEveryMorning = defineSchedule({
    name: "count-unpaid-every-morning",
    cron: "0 8 * * *",
    timezone: "Europe/Berlin",
    task: countUnpaid,
    payload: {},
  });

  return { takePayment, tasks: [takePayment, countUnpaid], schedules: [countEveryMorning] };
}
