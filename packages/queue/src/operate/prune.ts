import type { Executor } from "@millrace/base";
import { checkFields, checkSignal, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { FINAL_STATES, type FinalState, INTEGER_MAX } from "@millrace/schema/values";
import type { AuditedCommand } from "./auditor.ts";
import { countBack } from "./count-back.sql.ts";
import { LAST_ID } from "./id-part.ts";
import { type PruneRule, pruneJobs } from "./prune-jobs.sql.ts";
import { walkJobs } from "./walk-jobs.ts";
import type { StepResult } from "./walk-step.sql.ts";

/**
 * Selects the ended jobs to delete. Needs `olderThanMs`, `keepLast` or both. With both, deletes a job that one of them
 * selects.
 *
 * A job with a `retentionMs`, or whose queue has one, is deleted when that time is over, and not before, whatever the
 * two limits are. `states` counts for every job.
 */
export interface PruneOptions {
  /** Deletes jobs that ended more than this many ms ago, from 0. */
  olderThanMs?: number;
  /** Keeps this many jobs of each state, the last enqueued, and deletes all others. From 0. */
  keepLast?: number;
  /** The states of the jobs to delete. Default: all three. */
  states?: readonly ("completed" | "failed" | "canceled")[];
  /** How many jobs each statement looks at, 1 to 100,000. Default 1,000. */
  batchSize?: number;
  /** An abort stops the command between two batches. Finished batches keep their effect. */
  signal?: AbortSignal;
}

/** How many jobs a statement looks at by default. */
const BATCH_SIZE = 1_000;

const FIELDS = fieldNames<PruneOptions>({
  olderThanMs: true,
  keepLast: true,
  states: true,
  batchSize: true,
  signal: true,
});

/** Deletes ended jobs by age and by number, and returns how many. Throws `InvalidOptionError`. */
export async function prune(command: AuditedCommand, options: PruneOptions): Promise<number> {
  const { db } = command;
  checkOptions(options);
  const { olderThanMs, keepLast, signal } = options;
  const batchSize = integerIn("batchSize", options.batchSize ?? BATCH_SIZE, [1, 100_000]);
  const rules: PruneRule[] = [];
  for (const state of options.states ?? FINAL_STATES) {
    const before =
      keepLast === undefined ? null : await oldestKept(db, { state, keepLast, batchSize, signal });
    rules.push({ state, olderThanMs: olderThanMs ?? null, before });
  }
  const inStep: PruneWalk["inStep"] = (step) =>
    command.step(step, ({ changed }) => ({ changed, before: [] }));
  return pruneByRules(db, rules, { batchSize, signal, inStep });
}

/** How `pruneByRules` walks. */
export interface PruneWalk {
  /** How many jobs each statement looks at. */
  batchSize?: number;
  /** An abort ends the walk between two statements. */
  signal?: AbortSignal | undefined;
  /** Runs a statement. Default: as a transaction of its own. */
  inStep?(step: (db: Executor) => Promise<StepResult>): Promise<StepResult>;
  /** Called after each statement, before the next one is sent. */
  afterStep?(): Promise<void>;
}

/** Deletes the ended jobs that the rules select, and returns how many. Walks over all ended jobs, by their ids. */
export async function pruneByRules(
  db: Executor,
  rules: readonly PruneRule[],
  { batchSize = BATCH_SIZE, signal, inStep = (step) => step(db), afterStep }: PruneWalk,
): Promise<number> {
  let deleted = 0;
  await walkJobs(db, { batchSize, signal }, async (range) => {
    const step = await inStep((own) => pruneJobs(own, range, rules));
    deleted += step.changed;
    await afterStep?.();
    return step;
  });
  return deleted;
}

function checkOptions(options: PruneOptions): void {
  checkFields("options", options, FIELDS);
  const { olderThanMs, keepLast, signal } = options;
  if (olderThanMs === undefined && keepLast === undefined) {
    const message = "Pruning needs a limit: give `olderThanMs`, `keepLast` or both.";
    throw new InvalidOptionError("olderThanMs", { message });
  }
  if (olderThanMs !== undefined && !(Number.isFinite(olderThanMs) && olderThanMs >= 0)) {
    throw new InvalidOptionError("olderThanMs", "a number of ms ≥ 0", olderThanMs);
  }
  if (keepLast !== undefined) integerIn("keepLast", keepLast, [0, INTEGER_MAX]);
  const states: unknown = options.states ?? FINAL_STATES;
  const finals: readonly unknown[] = FINAL_STATES;
  const bad: unknown = Array.isArray(states) ? states.find((state) => !finals.includes(state)) : states;
  if (bad !== undefined)
    throw new InvalidOptionError("states", `an array of ${FINAL_STATES.join(", ")}`, bad);
  checkSignal(signal);
}

/** Returns the id of the oldest of the `keepLast` newest jobs of a state; null when there are fewer jobs. */
async function oldestKept(
  db: Executor,
  { state, keepLast, batchSize, signal }: Keep,
): Promise<string | null> {
  if (keepLast === 0) return LAST_ID;
  let before: string | null = LAST_ID;
  for (let left = keepLast; before !== null && signal?.aborted !== true; ) {
    const step = await countBack(db, { state, before, limit: batchSize, nth: left });
    if (step.reached !== null) return step.reached;
    left -= step.counted;
    before = step.before;
  }
  return null;
}

interface Keep {
  state: FinalState;
  keepLast: number;
  batchSize: number;
  signal: AbortSignal | undefined;
}
