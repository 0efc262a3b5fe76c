import pg from "pg";
import { z } from "zod";
import { createWorker, defineTask } from "../../../src/index.ts";

// A worker in a process of its own: its handler waits for its abort, and leaves the reason behind. Its lease is long,
// so that no renewal tells it of a cancel.
const [url] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });

createWorker({
  db: pool,
  queues: ["wait"],
  leaseSeconds: 3_600,
  tasks: [
    defineTask({
      name: "wait",
      payload: z.unknown(),
      async run(_payload, { progress, signal }) {
        await progress("waiting");
        // The cancel may have come while the progress was written.
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await progress(`aborted: ${signal.reason.code}`);
        throw signal.reason;
      },
    }),
  ],
}).start();
