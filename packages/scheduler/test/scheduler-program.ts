import { createQueue } from "@millrace/queue";
import pg from "pg";
import { createScheduler } from "../src/index.ts";

// A scheduler as a process of its own, on the database that its argument names, until it is killed, or whoever
// started it is gone and its standard input with it.
const pool = new pg.Pool({ connectionString: process.argv[2], max: 4 });
pool.on("error", () => undefined);
createScheduler({ pool, queue: createQueue(pool), listenOn: pool }).start();
process.stdin.once("end", () => process.exit()).resume();
