// Makes the table and its trigger, and runs a worker until Ctrl-C. Insert customers with psql meanwhile:
//   INSERT INTO customers (email) VALUES ('ada@example.com');
import { readFileSync } from "node:fs";
import { createWorker } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { sendWelcome } from "./send-welcome.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
// A connection that breaks while nobody uses it ends the process, unless somebody listens.
pool.on("error", (error) => console.error(error.message));
await migrate(pool);
await pool.query(readFileSync(new URL("tables.sql", import.meta.url), "utf8"));

const worker = createWorker({
  db: pool,
  tasks: [sendWelcome(pool)],
  onEvent: (event) => {
    if (event.kind === "job-completed") console.log(`welcomed by job ${event.job.id}`);
  },
});
worker.start();
process.once("SIGINT", async () => {
  await worker.stop();
  await pool.end();
});
