import {
  checkFields,
  checkSignal,
  executorOf,
  fieldNames,
  integerIn,
  isPoolOfOne,
  type ListenPool,
  limitedExecutor,
  poolBeneath,
  type Queryable,
  systemClock,
} from "@millrace/base";
import { DELAY_MS_MAX } from "@millrace/schema/values";
import { EndWatch } from "../wake/end-watch.ts";
import { checkId } from "./check-id.ts";
import { type EndedJob, readEndedJobs } from "./read-ended-jobs.sql.ts";

/** The options of `waitFor`. */
export interface WaitForJobOptions {
  /** Gives up after so many ms, 1 to 3,155,760,000,000 (100 years). Default: never. */
  timeoutMs?: number;
  /** An abort ends the wait. The job goes on. */
  signal?: AbortSignal;
  /** How often to look at the job when no notice comes, in ms, 100 to 60,000. Default 1,000. */
  pollMs?: number;
}

/** Waits for the ends of jobs. */
export interface JobWaits {
  /**
   * Waits until a job has completed, failed or been canceled, in whatever process, and returns the job. Returns at once
   * if the job has ended already. A failed attempt that will be retried is not the end. Call `waitFor` after the
   * enqueue's transaction has committed: until then, no job has this id.
   *
   * - The statement that ends the job sends a notice. All waits on one pool share one connection that listens, and one
   *   statement for each look.
   * - If `db` is no pg pool, or a pool of one connection, polling alone finds the end.
   * - A lost connection delays the answer, at most until the next poll that the database answers.
   *
   * Throws:
   * - `JobNotFoundError` (`JOB_NOT_FOUND`): no job has this id, or the job was deleted meanwhile.
   * - `WaitTimedOutError` (`WAIT_TIMED_OUT`): the job has not ended within `timeoutMs`.
   * - The reason of `signal`, if `signal` was aborted.
   * - `InvalidOptionError` (`INVALID_OPTION`) for a bad argument.
   *
   * @example
   * const { id } = await queue.enqueue("render", { page: 7 });
   * const job = await queue.waitFor(id, { timeoutMs: 30_000 });
   * if (job.state === "completed") respond(job.output);
   */
  waitFor(id: string, options?: WaitForJobOptions): Promise<EndedJob>;
}

const FIELDS = fieldNames<WaitForJobOptions>({ timeoutMs: true, signal: true, pollMs: true });

/** How long a look may take to be answered, in ms, before its connection is replaced. */
const ANSWER_MAX_MS = 30_000;

/** The watch of each pool, which all queues on the pool share. */
const watches = new WeakMap<object, EndWatch<EndedJob>>();

/** Creates the waits for jobs of a database. */
export function createWaits(db: Queryable): JobWaits {
  return {
    async waitFor(id, options = {}) {
      const checked = checkId("id", id);
      checkFields("options", options, FIELDS);
      checkSignal(options.signal);
      if (options.timeoutMs !== undefined) integerIn("timeoutMs", options.timeoutMs, [1, DELAY_MS_MAX]);
      const pollMs = integerIn("pollMs", options.pollMs ?? 1_000, [100, 60_000]);
      return watchOf(db).ended(checked, { timeoutMs: options.timeoutMs, signal: options.signal, pollMs });
    },
  };
}

function watchOf(db: Queryable): EndWatch<EndedJob> {
  const pool = poolBeneath(db);
  const owner = pool ?? db;
  const known = watches.get(owner);
  if (known !== undefined) return known;
  const clock = systemClock;
  const own = pool === null ? executorOf(db) : limitedExecutor(db, { ms: ANSWER_MAX_MS, after: clock.after });
  const watch = new EndWatch<EndedJob>({
    db: own,
    // The boundary: this is a pool of the pg driver. A pool of one connection needs it for other statements.
    pool: pool === null || isPoolOfOne(pool) ? null : (pool as object as ListenPool),
    clock,
    read: (ids) => readEndedJobs(own, ids),
  });
  watches.set(owner, watch);
  return watch;
}
