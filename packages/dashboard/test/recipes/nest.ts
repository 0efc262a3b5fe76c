import { type Authorize, createDashboard, toNodeHandler } from "@millrace/dashboard";
import type { INestApplication } from "@nestjs/common";
import type { Pool } from "pg";

/** Mounts the dashboard in a Nest application on Express. Call it between `NestFactory.create` and `listen`. */
export function mountInNest(
  app: INestApplication,
  pool: Pool,
  authorize: Authorize,
): { close(): Promise<void> } {
  const dashboard = createDashboard({ db: pool, basePath: "/ops/millrace", authorize });
  app.use("/ops/millrace", toNodeHandler(dashboard));
  return dashboard;
}
