import type { Lease } from "../domain/job.ts";
import { runKey } from "../store/held-runs.ts";
import { isDataError } from "../store/pg-errors.ts";
import type { PassedOver } from "../store/still-held.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/** What became of one fenced write. `locked`: another transaction has the job's row in hand. */
export type FencedAnswer = "written" | "refused" | "locked";

/** A batcher over a write that is fenced by leases: each item learns what became of its own. */
export function createFencedBatcher<Item extends Lease>(
  batchMax: number,
  write: (items: Item[]) => Promise<PassedOver>,
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
