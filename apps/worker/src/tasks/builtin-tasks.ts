import { type AnyTask, createQueue } from "@millrace/queue";
import type { Pool } from "pg";
import { httpRequestTask } from "./http-request.ts";
import { jobsPruneTask } from "./jobs-prune.ts";
import { rowsPruneTask } from "./rows-prune.ts";

/**
 * The tasks every worker has. They use `pool`, which should not be the worker's own: a slow task must not keep a
 * lease from being renewed.
 */
export function builtinTasks(pool: Pool): AnyTask[] {
  return [httpRequestTask, rowsPruneTask({ pool }), jobsPruneTask({ queue: createQueue(pool) })];
}
