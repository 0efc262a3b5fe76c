import pg from "pg";
import { z } from "zod";
import { createWorker, defineTask } from "../../../src/index.ts";

// A worker in a process of its own: its handler writes an effect and completes its job in one transaction, and kills
// the process right before that transaction's commit, right after it, or at any moment of it. Without a place to kill
// at, it runs what is left.
const [url, queue = "", killAt] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });

createWorker({
  db: pool,
  queues: [queue],
  tasks: [
    defineTask({
      name: "pay",
      payload: z.unknown(),
      async run(_payload, { job, completeInTx }) {
        const client = await pool.connect();
        // Its statements take about as long in a process that has just begun.
        if (killAt === "within") setTimeout(() => process.kill(process.pid, "SIGKILL"), Math.random() * 15);
        await client.query("BEGIN");
        await client.query("INSERT INTO public.payments (job_id) VALUES ($1)", [job.id]);
        await completeInTx(client, { paid: true });
        if (killAt === "before") process.kill(process.pid, "SIGKILL");
        await client.query("COMMIT");
        if (killAt === "after") process.kill(process.pid, "SIGKILL");
        client.release();
      },
    }),
  ],
}).start();
