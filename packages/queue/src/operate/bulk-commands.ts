import type { Executor } from "@millrace/base";
import { integerIn } from "@millrace/base";
import { FINAL_STATES } from "@millrace/schema/values";
import { TRANSITIONS } from "../job/transitions.ts";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./bulk.ts";
import { cancelJobs } from "./cancel-jobs.sql.ts";
import { type Bulk, checkBulk } from "./check-bulk.ts";
import { deleteJobs } from "./delete-jobs.sql.ts";
import { retryJobs } from "./retry-jobs.sql.ts";
import { walkJobs } from "./walk-jobs.ts";
import type { StepRange, StepResult } from "./walk-step.sql.ts";

/** Retries the failed and canceled jobs that fit a filter. */
export async function retryMany(db: Executor, filter: BulkFilter, options: BulkOptions): Promise<BulkResult> {
  const which = { filter, states: checkBulk({ filter, options }, TRANSITIONS.retry.from) };
  return inBatches(db, { filter, options }, (range) => retryJobs(db, range, which));
}

/** Cancels the queued jobs that fit a filter, and requests a cancel of the running jobs that fit. */
export async function cancelMany(
  db: Executor,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<CancelManyResult> {
  const allowed = [...TRANSITIONS.cancel.from, ...TRANSITIONS.honourCancel.from];
  const which = { filter, states: checkBulk({ filter, options }, allowed) };
  let cancelRequested = 0;
  const result = await inBatches(db, { filter, options }, async (range) => {
    const step = await cancelJobs(db, range, which);
    cancelRequested += step.asked;
    return { ...step, fitted: step.fitted - step.asked };
  });
  return { ...result, cancelRequested };
}

/** Deletes the queued and ended jobs that fit a filter, with their attempts. */
export async function deleteMany(
  db: Executor,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  const allowed = [...TRANSITIONS.cancel.from, ...FINAL_STATES];
  const which = { filter, states: checkBulk({ filter, options }, allowed) };
  return inBatches(db, { filter, options }, (range) => deleteJobs(db, range, which));
}

async function inBatches(
  db: Executor,
  { filter, options }: Bulk,
  step: (range: StepRange) => Promise<StepResult>,
): Promise<BulkResult> {
  const batchSize = integerIn("batchSize", options.batchSize ?? 1_000, [1, 10_000]);
  let changed = 0;
  let skipped = 0;
  const walk = { batchSize, after: options.after, ids: filter.ids, signal: options.signal };
  const walked = await walkJobs(db, walk, async (range) => {
    const result = await step(range);
    changed += result.changed;
    skipped += result.fitted - result.changed;
    return result;
  });
  return { changed, skipped, ...walked };
}
