import type { Executor } from "@millrace/base";
import { FINAL_STATES, INTEGER_MAX } from "@millrace/schema/values";
import { TRANSITIONS } from "../job/transitions.ts";
import type { AuditedChange, AuditedCommand } from "./auditor.ts";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult } from "./bulk.ts";
import { type StepJobs, type StepParts, stepParts } from "./bulk-step.ts";
import { type CancelStep, cancelJobs } from "./cancel-jobs.sql.ts";
import { type Bulk, type BulkStates, checkBulk } from "./check-bulk.ts";
import { countJobs } from "./count-jobs.sql.ts";
import { deletable, deleteJobs } from "./delete-jobs.sql.ts";
import { idsWithPrefix } from "./id-part.ts";
import { keyHolder } from "./key-holder.sql.ts";
import { retryable, retryJobs } from "./retry-jobs.sql.ts";
import { runJobsNow, runnableNow } from "./run-jobs-now.sql.ts";
import type { Fits } from "./selection.sql.ts";
import { type WalkOptions, walkJobs } from "./walk-jobs.ts";
import type { StepRange, StepResult } from "./walk-step.sql.ts";

/** What a command on many jobs does. */
interface BulkCommand {
  states: BulkStates;
  /** Narrows the conditions of a filter to the jobs that the command can change. */
  fits(fits: Fits): Fits;
  /** Changes the jobs of one step. */
  step(db: Executor, range: StepRange, jobs: StepJobs): Promise<StepResult & Partial<CancelStep>>;
}

const RETRY: BulkCommand = {
  // A completed job is only retried on request: its work is done.
  states: { allowed: TRANSITIONS.retry.from, unlessNamed: ["failed", "canceled"] },
  fits: retryable,
  step: retryJobs,
};

const RUN_NOW: BulkCommand = {
  states: { allowed: TRANSITIONS.runNow.from },
  fits: runnableNow,
  step: runJobsNow,
};

const CANCEL: BulkCommand = {
  states: { allowed: [...TRANSITIONS.cancel.from, ...TRANSITIONS.honourCancel.from] },
  fits: (fits) => fits,
  step: cancelJobs,
};

const DELETE: BulkCommand = {
  states: { allowed: [...TRANSITIONS.cancel.from, ...FINAL_STATES] },
  fits: deletable,
  step: deleteJobs,
};

/** Retries the failed and canceled jobs that fit a filter, or the completed ones if the filter names that state. */
export async function retryMany(
  command: AuditedCommand,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  return withoutRequests(await inBatches(command, { filter, options }, RETRY));
}

/** Makes the queued jobs that fit a filter due now. */
export async function runNowMany(
  command: AuditedCommand,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  return withoutRequests(await inBatches(command, { filter, options }, RUN_NOW));
}

/** Cancels the queued jobs that fit a filter, and requests a cancel of the running jobs that fit. */
export function cancelMany(
  command: AuditedCommand,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<CancelManyResult> {
  return inBatches(command, { filter, options }, CANCEL);
}

/** Deletes the queued and ended jobs that fit a filter, with their attempts. */
export async function deleteMany(
  command: AuditedCommand,
  filter: BulkFilter,
  options: BulkOptions,
): Promise<BulkResult> {
  return withoutRequests(await inBatches(command, { filter, options }, DELETE));
}

function changeOf({ changed, asked = 0, before = "[]" }: StepResult & Partial<CancelStep>): AuditedChange {
  return { changed: changed + asked, before };
}

function withoutRequests({ cancelRequested: _, ...result }: CancelManyResult): BulkResult {
  return result;
}

/** Runs a command step by step. A recorded step has a row about itself; a dry run has none. */
async function inBatches(
  audited: AuditedCommand,
  bulk: Bulk,
  command: BulkCommand,
): Promise<CancelManyResult> {
  const { db, isRecorded } = audited;
  const states = checkBulk(bulk, command.states);
  const { ids: _ids, all: _all, ...filter } = bulk.filter;
  const { limit = INTEGER_MAX, dryRun = false } = bulk.options;
  const total = { changed: 0, skipped: 0, cancelRequested: 0 };
  if (Object.keys(stepParts({ filter, states, most: limit }).fits).length === 0) {
    return { ...total, done: true, after: bulk.options.after ?? null, commandId: audited.commandId };
  }
  const walked = await walkJobs(db, await walkOf(db, bulk), async (range) => {
    const jobs = { filter, states, isRecorded, most: limit - total.changed - total.cancelRequested };
    const step = dryRun
      ? await countJobs(db, range, narrowed(jobs, command))
      : await audited.step((tx) => command.step(tx, range, jobs), changeOf);
    const { asked = 0 } = step;
    total.changed += step.changed;
    total.cancelRequested += asked;
    total.skipped += step.fitted - step.changed - asked;
    const stop = total.changed + total.cancelRequested >= limit;
    // Jobs that other transactions have locked fit, too: a step may end at its limit although it changed fewer jobs.
    return { lastId: step.lastId, stop, isCut: step.fitted >= jobs.most };
  });
  return { ...total, ...walked, commandId: audited.commandId };
}

/** Over which jobs a command walks: only over those that its filter names, if the filter names some by their ids. */
async function walkOf(db: Executor, { filter, options }: Bulk): Promise<WalkOptions> {
  const { idPrefix, idempotencyKey } = filter;
  const range = idPrefix === undefined ? undefined : idsWithPrefix(idPrefix);
  const { batchSize = 1_000, after, signal } = options;
  let { ids } = filter;
  if (idempotencyKey !== undefined) {
    const holder = await keyHolder(db, idempotencyKey);
    ids = holder === null || ids?.some((id) => id.toLowerCase() === holder) === false ? [] : [holder];
  }
  return { batchSize, after, ids, range, signal };
}

function narrowed(jobs: StepJobs, command: BulkCommand): StepParts {
  const parts = stepParts(jobs);
  return { ...parts, fits: command.fits(parts.fits) };
}
