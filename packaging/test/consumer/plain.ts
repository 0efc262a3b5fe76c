import { createApi } from "@millrace/api";
import { createClient } from "@millrace/api/client";
import { createDashboard } from "@millrace/dashboard";
import { createQueue, createWorker, defineTask, type Job } from "@millrace/queue";
import { createScheduler, createSchedules, defineSchedule, reconcileSchedules } from "@millrace/scheduler";
import { type MigrateResult, migrate } from "@millrace/schema/migrations";
import { JOB_STATES } from "@millrace/schema/values";
import pg from "pg";
import { z } from "zod";

// An application on pg, without Drizzle: it uses each package, runs a job, and ends by itself.
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
const migrated: MigrateResult = await migrate(pool);
const queue = createQueue(pool);

const greet = defineTask({
  name: "greet",
  payload: z.object({ name: z.string() }),
  run: async ({ name }) => `hello ${name}`,
});
await reconcileSchedules(pool, [
  defineSchedule({ name: "daily", task: greet, payload: { name: "team" }, cron: "@daily" }),
]);

const worker = createWorker({ db: pool, tasks: [greet] });
const scheduler = createScheduler({ pool, queue, listenOn: pool });
worker.start();
scheduler.start();
const { id } = await queue.enqueue(greet, { name: "you" });
const job: Job = await queue.waitFor(id, { timeoutMs: 60_000 });
await scheduler.stop();
await worker.stop();

const dashboard = createDashboard({ db: pool, authorize: () => "read" });
const page = await dashboard(new Request("http://localhost/"));
await dashboard.close();

const report = {
  total: migrated.total,
  state: job.state,
  output: job.output,
  states: JOB_STATES.length,
  schedules: (await createSchedules(pool).list()).map(({ name }) => name),
  page: page.status,
  functions: [createApi, createClient].every((value) => typeof value === "function"),
};
await pool.end();
process.stdout.write(JSON.stringify(report));
