import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";

/** The items of a caller, each run once: if a run was given twice, the first item counts. */
export function onceEach<Item extends Lease>(items: readonly Item[]): readonly Item[] {
  const first = new Map<string, Item>();
  for (const item of items) {
    const key = runKey(item);
    if (!first.has(key)) first.set(key, item);
  }
  return first.size === items.length ? items : [...first.values()];
}
