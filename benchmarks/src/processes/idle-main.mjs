// A process with one idle worker, which says how much memory it has. JavaScript, because Node needs 20 MB and more to
// load TypeScript, and a deployed worker does not load any.
import { createWorker, defineTask } from "@millrace/queue";
import pg from "pg";

const { url, idleMs } = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ connectionString: url });
const payload = { "~standard": { version: 1, vendor: "benchmarks", validate: (value) => ({ value }) } };
const worker = createWorker({ db: pool, tasks: [defineTask({ name: "bench", payload, run() {} })] });
worker.start();
await new Promise((resolve) => setTimeout(resolve, idleMs));
const message = { kind: "idle", rss: process.memoryUsage().rss };
await worker.stop();
await pool.end();
process.send(message, () => process.disconnect());
