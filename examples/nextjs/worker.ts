// The worker is a process of its own: a route of Next.js ends with its answer. Run it beside `next start`.
import { createWorker } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import { pool } from "./lib/pool.ts";
import { sendReceipt } from "./lib/send-receipt.ts";

await migrate(pool);
const worker = createWorker({ db: pool, tasks: [sendReceipt] });
worker.start();
process.once("SIGTERM", async () => {
  await worker.stop();
  await pool.end();
});
