import type { Batcher, Executor } from "@millrace/base";
import { createFencedBatcher, type FencedAnswer } from "../job/fenced-batcher.ts";
import { runKey } from "../job/held-runs.sql.ts";
import { type RunProgress, setProgress } from "./set-progress.sql.ts";

/** The most values in one statement. */
const BATCH_MAX = 500;

/**
 * Writes progress in batches: values that are set at the same moment share a statement. If a run has several values in
 * a batch, the last one is written.
 */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, FencedAnswer> {
  return createFencedBatcher(BATCH_MAX, (items) => {
    const last = new Map(items.map((item) => [runKey(item), item]));
    return setProgress(db, [...last.values()]);
  });
}
