import type { Executor } from "../store/queryable.ts";
import { type RunProgress, setProgress } from "../store/set-progress.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 500;

/** Writes progress, together where it comes together; of one run the last value. Answers whether the lease was held. */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, boolean> {
  return createBatcher({
    batchMax: BATCH_MAX,
    async write(items) {
      const last = new Map(items.map((item) => [keyOf(item), item]));
      const refused = new Set((await setProgress(db, [...last.values()])).map(keyOf));
      return items.map((item) => !refused.has(keyOf(item)));
    },
  });
}

function keyOf({ id, leaseToken }: { id: string; leaseToken: number }): string {
  return `${id} ${leaseToken}`;
}
