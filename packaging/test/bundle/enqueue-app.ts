import { createQueue } from "@millrace/queue";
import pg from "pg";

// An application that only enqueues. It prints the job's id.
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
const queue = createQueue(pool);

queue
  .enqueue("bundled", { from: "the bundle" })
  .then(({ id }) => process.stdout.write(id))
  .finally(() => pool.end());
