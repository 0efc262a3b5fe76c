import { type Authorize, createDashboard, toNodeHandler } from "@millrace/dashboard";
import express, { type Express } from "express";
import type { Pool } from "pg";

/** An Express application with the dashboard at a path. It may stand before or after `express.json()`. */
export function createExpressApp(pool: Pool, authorize: Authorize): { app: Express; close(): Promise<void> } {
  const dashboard = createDashboard({ db: pool, basePath: "/ops/millrace", authorize });
  const app = express();
  app.use(express.json());
  app.use("/ops/millrace", toNodeHandler(dashboard));
  return { app, close: dashboard.close };
}
