import type { Batcher, Executor } from "@millrace/base";
import { createFencedBatcher, type FencedAnswer } from "../job/fenced-batcher.ts";
import { runKey } from "../job/held-runs.sql.ts";
import { type RunProgress, setProgress } from "./set-progress.sql.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 500;

/**
 * Writes progress in batches: values that come at the same moment share a statement. Of one run, the last value is
 * written.
 */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, FencedAnswer> {
  return createFencedBatcher(BATCH_MAX, (items) => {
    const last = new Map(items.map((item) => [runKey(item), item]));
    return setProgress(db, [...last.values()]);
  });
}
