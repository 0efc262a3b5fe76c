// Serves the API and the dashboard, and runs a worker and its schedules in the same process, until Ctrl-C.
import { serve } from "@hono/node-server";
import { createWorker } from "@millrace/queue";
import { createScheduler, reconcileSchedules } from "@millrace/scheduler";
import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { createApp } from "./create-app.ts";
import { CREATE_ORDERS } from "./tables.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
// A connection that breaks while nobody uses it ends the process, unless somebody listens.
pool.on("error", (error) => console.error(error.message));
await migrate(pool);
await pool.query(CREATE_ORDERS);

const { app, jobs, queue, close } = createApp(pool, process.env["DASHBOARD_TOKEN"] ?? "");
await reconcileSchedules(pool, jobs.schedules);
const worker = createWorker({ db: pool, tasks: jobs.tasks });
const scheduler = createScheduler({ pool, queue, listenOn: pool });
worker.start();
scheduler.start();
const server = serve({ fetch: app.fetch, port: 3_000 });

process.once("SIGINT", async () => {
  server.close();
  await Promise.all([scheduler.stop(), worker.stop(), close()]);
  await pool.end();
});
