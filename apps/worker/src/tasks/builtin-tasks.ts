import { type AnyTask, createQueue } from "@millrace/queue";
import type { Pool } from "pg";
import { httpRequestTask } from "./http-request.ts";
import { jobsPruneTask } from "./jobs-prune.ts";
import { rowsPruneTask } from "./rows-prune.ts";

/**
 * Makes the tasks that every worker has. `pool` should not be the worker's pool: a slow task must not delay the
 * renewal of a lease.
 */
export function builtinTasks(pool: Pool): AnyTask[] {
  return [httpRequestTask, rowsPruneTask({ pool }), jobsPruneTask({ queue: createQueue(pool) })];
}
