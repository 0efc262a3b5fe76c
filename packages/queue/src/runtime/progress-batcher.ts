import { isDataError } from "../store/pg-errors.ts";
import type { Executor } from "../store/queryable.ts";
import { type RunProgress, setProgress } from "../store/set-progress.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 500;

/** What became of one value. `locked`: another transaction has the job's row in hand. */
export type ProgressAnswer = "written" | "refused" | "locked";

/** Writes progress, together where it comes together; of one run the last value. */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, ProgressAnswer> {
  return createBatcher({
    batchMax: BATCH_MAX,
    async write(items) {
      const last = new Map(items.map((item) => [keyOf(item), item]));
      const result = await setProgress(db, [...last.values()]);
      const refused = new Set(result.refused.map(keyOf));
      const locked = new Set(result.locked.map(keyOf));
      return items.map((item) => {
        if (refused.has(keyOf(item))) return "refused";
        return locked.has(keyOf(item)) ? "locked" : "written";
      });
    },
    isShared: (error) => !isDataError(error),
  });
}

function keyOf({ id, leaseToken }: { id: string; leaseToken: number }): string {
  return `${id} ${leaseToken}`;
}
