import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";

/** What a caller gave about runs, each run once: of a run that was given twice, the first counts. */
export function onceEach<Item extends Lease>(items: readonly Item[]): readonly Item[] {
  const first = new Map<string, Item>();
  for (const item of items) {
    const key = runKey(item);
    if (!first.has(key)) first.set(key, item);
  }
  return first.size === items.length ? items : [...first.values()];
}
