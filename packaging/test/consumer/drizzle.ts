import { createQueue, createWorker, defineTask } from "@millrace/queue";
import { jobs, migrate } from "@millrace/schema";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, serial, uuid } from "drizzle-orm/pg-core";
import pg from "pg";
import { z } from "zod";

// An application on Drizzle: it enqueues in its own transaction, and joins its table with Millrace's jobs.
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
const db = drizzle({ client: pool });
const orders = pgTable("orders", { id: serial("id").primaryKey(), jobId: uuid("job_id") });
await migrate(pool);
await pool.query("CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, job_id uuid)");

const queue = createQueue(db);
const ship = defineTask({ name: "ship", payload: z.object({ to: z.string() }), run: async ({ to }) => to });
const jobId = await db.transaction(async (tx) => {
  const { id } = await queue.enqueue(ship, { to: "you" }, { tx });
  await tx.insert(orders).values({ jobId: id });
  return id;
});

const worker = createWorker({ db, tasks: [ship] });
worker.start();
await queue.waitFor(jobId, { timeoutMs: 60_000 });
await worker.stop();

const [row] = await db
  .select({ state: jobs.state, type: jobs.type })
  .from(orders)
  .leftJoin(jobs, eq(jobs.id, orders.jobId))
  .where(eq(orders.jobId, jobId));
await pool.end();
process.stdout.write(JSON.stringify(row));
