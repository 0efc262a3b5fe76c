import type { Batcher, Executor } from "@millrace/base";
import { createFencedBatcher, type FencedAnswer } from "../job/fenced-batcher.ts";
import { runKey } from "../job/held-runs.sql.ts";
import { type RunProgress, setProgress } from "./set-progress.sql.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 500;

/** Writes progress that was set at the same moment in one statement; of one run, the last value. */
export function createProgressBatcher(db: Executor): Batcher<RunProgress, FencedAnswer> {
  return createFencedBatcher(BATCH_MAX, (items) => {
    const last = new Map(items.map((item) => [runKey(item), item]));
    return setProgress(db, [...last.values()]);
  });
}
