// Places an order each second, and runs a worker in the same process, until Ctrl-C.
import { createQueue, createWorker } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { sendReceipt } from "./jobs.ts";
import { placeOrder } from "./place-order.ts";
import { TABLES } from "./tables.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
// A connection that breaks while nobody uses it ends the process, unless somebody listens.
pool.on("error", (error) => console.error(error.message));
await migrate(pool);
await pool.query(TABLES);

const shop = { pool, queue: createQueue(pool), sendReceipt: sendReceipt(pool) };
const worker = createWorker({
  db: pool,
  tasks: [shop.sendReceipt],
  onEvent: (event) => {
    if (event.kind === "job-completed") console.log(`receipt sent by job ${event.job.id}`);
  },
});
worker.start();
const timer = setInterval(() => void placeOrder(shop, 4_200).catch(console.error), 1_000);

process.once("SIGINT", async () => {
  clearInterval(timer);
  await worker.stop();
  await pool.end();
});
