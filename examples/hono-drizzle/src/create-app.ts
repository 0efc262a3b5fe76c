import { createDashboard, tokenAuthorize } from "@millrace/dashboard";
import { createQueue } from "@millrace/queue";
import { drizzle } from "drizzle-orm/node-postgres";
import { Hono } from "hono";
import type { Pool } from "pg";
import { createJobs } from "./jobs.ts";
import { orders } from "./tables.ts";

/** The application: an API that enqueues in its own transaction, and the dashboard for operators. */
export function createApp(pool: Pool, dashboardToken: string) {
  const db = drizzle({ client: pool });
  const queue = createQueue(pool);
  const jobs = createJobs(db);
  const dashboard = createDashboard({
    db: pool,
    basePath: "/ops",
    authorize: tokenAuthorize({ token: dashboardToken, access: "all" }),
  });

  const app = new Hono();
  app.post("/orders", async (context) => {
    const { total } = await context.req.json<{ total: number }>();
    const placed = await db.transaction(async (tx) => {
      const [order] = await tx.insert(orders).values({ total }).returning();
      if (order === undefined) throw new Error("The database returned no order.");
      const job = await queue.enqueue(jobs.takePayment, { orderId: order.id }, { tx });
      return { orderId: order.id, jobId: job.id };
    });
    return context.json(placed, 201);
  });
  app.all("/ops/*", (context) => dashboard(context.req.raw));
  return { app, jobs, queue, close: () => dashboard.close() };
}
