import { FINAL_STATES, type JobState } from "@millrace/schema";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./domain/bulk.ts";
import { isUuid } from "./domain/new-job.ts";
import { TRANSITIONS } from "./domain/transitions.ts";
import { InvalidOptionError } from "./errors.ts";
import { integerIn } from "./integer-in.ts";
import { cancelJobs } from "./store/cancel-jobs.ts";
import { deleteJobs } from "./store/delete-jobs.ts";
import type { Executor } from "./store/queryable.ts";
import { retryJobs } from "./store/retry-jobs.ts";
import type { StepRange, StepResult } from "./store/walk-step.ts";
import { walkJobs } from "./walk.ts";

/** Retries the failed and canceled jobs that fit. */
export async function retryMany(db: Executor, filter: BulkFilter, options: BulkOptions): Promise<BulkResult> {
  const which = { filter, states: statesOf(filter, TRANSITIONS.retry.from) };
  return inBatches(db, { filter, options }, (range) => retryJobs(db, range, which));
}

/** Cancels the queued jobs that fit, and asks the running ones to stop. */
export async function cancelMany(
  db: Executor,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<CancelManyResult> {
  const allowed = [...TRANSITIONS.cancel.from, ...TRANSITIONS.honourCancel.from];
  const which = { filter, states: statesOf(filter, allowed) };
  let cancelRequested = 0;
  const result = await inBatches(db, { filter, options }, async (range) => {
    const step = await cancelJobs(db, range, which);
    cancelRequested += step.asked;
    return { ...step, fitted: step.fitted - step.asked };
  });
  return { ...result, cancelRequested };
}

/** Deletes the queued and finished jobs that fit, with their attempts. */
export async function deleteMany(
  db: Executor,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  const which = { filter, states: statesOf(filter, [...TRANSITIONS.cancel.from, ...FINAL_STATES]) };
  return inBatches(db, { filter, options }, (range) => deleteJobs(db, range, which));
}

async function inBatches(
  db: Executor,
  { filter, options }: { filter: BulkFilter; options: BulkOptions },
  step: (range: StepRange) => Promise<StepResult>,
): Promise<BulkResult> {
  checkFilter(filter, options);
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

/** The states a command is about. Throws when the filter names another: nothing would fit, which no caller means. */
function statesOf(filter: BulkFilter, allowed: readonly JobState[]): readonly JobState[] {
  if (filter.state === undefined) return allowed;
  if (allowed.includes(filter.state)) return [filter.state];
  throw new InvalidOptionError("state", `${allowed.join(" or ")} for this command`, filter.state);
}

function checkFilter(filter: BulkFilter, options: BulkOptions): void {
  const ids = { scheduleId: filter.scheduleId, after: options.after };
  for (const [name, id] of Object.entries(ids)) {
    if (id !== undefined && !isUuid(id)) throw new InvalidOptionError(name, "an id (a UUID)", id);
  }
  const bad = filter.ids?.find((id) => !isUuid(id));
  if (bad !== undefined) throw new InvalidOptionError("ids", "job ids (UUIDs)", bad);
  for (const name of ["createdBefore", "finishedBefore"] as const) {
    const instant = filter[name];
    if (instant !== undefined && Number.isNaN(instant.getTime())) {
      throw new InvalidOptionError(name, "a valid Date", String(instant));
    }
  }
}
