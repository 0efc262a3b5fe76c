import { type Batcher, createBatcher, isDataError } from "@millrace/base";
import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";

/**
 * What became of one fenced write. `refused`: the lease was lost. `locked`: another transaction has locked the run's
 * claim.
 */
export type FencedAnswer = "written" | "refused" | "locked";

/**
 * Creates a batcher for a write that leases fence. `write` returns lists of runs, and each item gets as its answer the
 * name of the list that has its run, or `written` if no list has it.
 */
export function createFencedBatcher<Item extends Lease, Answer extends string>(
  batchMax: number,
  write: (items: Item[]) => Promise<Record<Answer, readonly Lease[]>>,
): Batcher<Item, Answer | "written"> {
  return createBatcher({
    batchMax,
    async write(items) {
      const answers = new Map<string, Answer>();
      // The cast is safe: these are the names of the lists.
      for (const [answer, leases] of Object.entries(await write(items)) as [Answer, readonly Lease[]][]) {
        for (const lease of leases) answers.set(runKey(lease), answer);
      }
      if (answers.size === 0) return items.map(() => "written");
      return items.map((item) => answers.get(runKey(item)) ?? "written");
    },
    isShared: (error) => !isDataError(error),
  });
}
