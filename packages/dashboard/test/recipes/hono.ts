import { type Authorize, createDashboard } from "@millrace/dashboard";
import { Hono } from "hono";
import type { Pool } from "pg";

/** A Hono application with the dashboard at a path. */
export function createHonoApp(pool: Pool, authorize: Authorize): { app: Hono; close(): Promise<void> } {
  const dashboard = createDashboard({ db: pool, basePath: "/ops/millrace", authorize });
  const app = new Hono();
  app.all("/ops/millrace/*", (context) => dashboard(context.req.raw));
  return { app, close: dashboard.close };
}
