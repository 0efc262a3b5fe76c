import { checkFields, type Executor, fieldNames, integerIn } from "@millrace/base";
import { WORKER_ID_MAX } from "../job/check-worker-id.ts";
import { checkSomeTexts } from "./check-names.ts";
import { readWorkerRuns } from "./read-worker-runs.sql.ts";
import type { WorkerRun, WorkerRunsOptions } from "./worker-run.ts";

const FIELDS = fieldNames<WorkerRunsOptions>({ limit: true });

/** Returns the runs of workers. Throws `InvalidOptionError`. */
export async function runsOf(
  db: Executor,
  workerIds: readonly string[],
  options: WorkerRunsOptions,
): Promise<WorkerRun[]> {
  const given = checkSomeTexts("workerIds", workerIds, WORKER_ID_MAX);
  checkFields("options", options, FIELDS);
  const limit = integerIn("limit", options.limit ?? 20, [1, 1_000]);
  return given.length === 0 ? [] : readWorkerRuns(db, given, limit);
}
