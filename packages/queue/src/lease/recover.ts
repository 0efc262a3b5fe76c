import { checkFields, type Executor, fieldNames, integerIn, isDataError } from "@millrace/base";
import { countInMinute } from "../wake/count-minutes.sql.ts";
import { countCrashes } from "./count-crashes.sql.ts";
import { recoverApart } from "./recover-apart.ts";
import { type Recovered, recoverJobs } from "./recover-jobs.sql.ts";
import { crashesByWorker, type TakenBack, takenBackAdditions } from "./taken-back.ts";

/**
 * A job that crashed more often than this fails. A bad deploy causes fewer crashes; a job that kills its workers
 * reaches this soon.
 */
export const DEFAULT_MAX_CRASHES = 5;

/**
 * How `queue.runs.recover` treats runs whose lease ran out.
 *
 * @example
 * const { requeued, failed } = await queue.runs.recover({ maxCrashes: 3, limit: 100 });
 */
export interface RecoverOptions {
  /** A job that crashed more often than this fails, 0 to 1,000. Default 5. */
  maxCrashes?: number;
  /**
   * How many runs to take back, 1 to 10,000. Default 500. Each claim is taken back whole, so the last claim may add up
   * to 127 runs. Also how many jobs to cancel at most that did not start in time.
   */
  limit?: number;
}

const RECOVER_FIELDS = fieldNames<RecoverOptions>({ maxCrashes: true, limit: true });

/** What a recovery tells of, although it goes on. */
export interface RecoveryHooks {
  /** The runs are taken back, and could not be counted. */
  onUncounted(error: unknown): void;
  /** The database refuses to take back a job, which stays as it is. The other jobs are taken back. */
  onRefused(error: unknown): void;
}

/** Takes back runs whose lease ran out, in one bounded batch. Throws `InvalidOptionError`. */
export async function recover(
  db: Executor,
  options: RecoverOptions,
  { onUncounted, onRefused }: RecoveryHooks,
): Promise<Recovered> {
  checkFields("options", options, RECOVER_FIELDS);
  const maxCrashes = integerIn("maxCrashes", options.maxCrashes ?? DEFAULT_MAX_CRASHES, [0, 1_000]);
  const limit = limitOf(options);
  const { takenBack, ...recovered } = await recoverJobs(db, maxCrashes, limit).catch((error: unknown) => {
    if (!isDataError(error)) throw error;
    return recoverApart(db, error, { maxCrashes, limit, onRefused });
  });
  if (takenBack.length > 0) await count(db, takenBack).catch(onUncounted);
  return recovered;
}

/**
 * Counts runs that were taken back. Recovery's own statement does not count: it would keep the counts locked while it
 * waits for another transaction's lock. A statement that fails is not sent again, because it may have counted.
 */
async function count(db: Executor, takenBack: readonly TakenBack[]): Promise<void> {
  await countInMinute(db, takenBackAdditions(takenBack));
  for (const [workerId, crashes] of crashesByWorker(takenBack)) await countCrashes(db, { workerId, crashes });
}

/** The limit of a recovery, with its default. Throws `InvalidOptionError`. */
export function limitOf({ limit = 500 }: RecoverOptions): number {
  return integerIn("limit", limit, [1, 10_000]);
}
