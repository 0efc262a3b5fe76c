import type { Executor } from "@millrace/base";
import { countInMinute } from "../wake/count-minutes.sql.ts";
import { forgetWaits } from "../wake/forget-waits.sql.ts";
import { freeNextFollowers } from "../wake/free-followers.sql.ts";
import { expireJobs } from "./expire-jobs.sql.ts";
import { expiredAdditions } from "./taken-back.ts";

/**
 * Does one bounded step of what nobody else does in time: cancels up to `limit` jobs that did not start by their
 * instant, frees followers whose first job has ended unseen, and deletes the rows of waits that are over. Returns the
 * ids of the canceled jobs.
 */
export type Chores = (limit: number) => Promise<string[]>;

/**
 * Creates the chores of a database. They remember which followers they looked at. `onUncounted` is called if canceled
 * jobs could not be added to the counts of their queues.
 */
export function createChores(db: Executor, onUncounted: (error: unknown) => void): Chores {
  let reached = "";
  return async (limit) => {
    reached = await freeNextFollowers(db, reached);
    await forgetWaits(db);
    const expired = await expireJobs(db, limit);
    if (expired.length > 0) await countInMinute(db, expiredAdditions(expired)).catch(onUncounted);
    return expired.map(({ id }) => id);
  };
}
