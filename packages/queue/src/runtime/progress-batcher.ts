import { runKey } from "../store/held-runs.ts";
import type { Executor } from "../store/queryable.ts";
import { type RunProgress, setProgress } from "../store/set-progress.ts";
import type { Batcher } from "./batcher.ts";
import { createFencedBatcher, type FencedAnswer } from "./fenced-batcher.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 500;

/** Writes progress, together where it comes together; of one run the last value. */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, FencedAnswer> {
  return createFencedBatcher(BATCH_MAX, (items) => {
    const last = new Map(items.map((item) => [runKey(item), item]));
    return setProgress(db, [...last.values()]);
  });
}
