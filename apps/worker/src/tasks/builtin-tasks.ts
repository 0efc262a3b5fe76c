import { type AnyTask, createQueue } from "@millrace/queue";
import type { Pool } from "pg";
import type { Settings } from "../config/settings.ts";
import { httpRequestTask } from "./http-request.ts";
import { jobsPruneTask } from "./jobs-prune.ts";
import { rowsPruneTask } from "./rows-prune.ts";
import { viewRefreshTask } from "./view-refresh.ts";

/** The settings that say what the jobs of the built-in tasks may reach. */
export type BuiltinAllowances = Pick<Settings, "httpHosts" | "pruneTables" | "refreshViews">;

/**
 * Makes the tasks that every worker has. `pool` should not be the worker's pool: a slow task must not delay the
 * renewal of a lease.
 */
export function builtinTasks(pool: Pool, allowed: BuiltinAllowances): AnyTask[] {
  return [
    httpRequestTask(allowed),
    rowsPruneTask({ pool, ...allowed }),
    viewRefreshTask({ pool, ...allowed }),
    jobsPruneTask({ queue: createQueue(pool) }),
  ];
}
