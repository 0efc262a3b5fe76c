import { type Batcher, createBatcher, isDataError } from "@millrace/base";
import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import type { Unwritten } from "./unwritten-runs.sql.ts";

/**
 * What became of one fenced write. `refused`: the lease was lost. `locked`: another transaction has locked the run's
 * claim.
 */
export type FencedAnswer = "written" | "refused" | "locked";

/** Creates a batcher for a write that leases fence. Each item gets the answer for its own run. */
export function createFencedBatcher<Item extends Lease>(
  batchMax: number,
  write: (items: Item[]) => Promise<Unwritten>,
): Batcher<Item, FencedAnswer> {
  return createBatcher({
    batchMax,
    async write(items) {
      const { refused, locked } = await write(items);
      if (refused.length + locked.length === 0) return items.map(() => "written");
      const answers = new Map<string, FencedAnswer>();
      for (const lease of refused) answers.set(runKey(lease), "refused");
      for (const lease of locked) answers.set(runKey(lease), "locked");
      return items.map((item) => answers.get(runKey(item)) ?? "written");
    },
    isShared: (error) => !isDataError(error),
  });
}
