import { checkFields, fieldNames, InvalidOptionError, integerIn } from "@millrace/base";
import { DELAY_MS_MAX, FINAL_STATES, type FinalState } from "@millrace/schema/values";
import type { PruneRule } from "../operate/prune-jobs.sql.ts";

const DAY_MS = 86_400_000;

/** How long ended jobs are kept if nobody says otherwise, in ms: completed ones 7 days, the others 30 days. */
export const DEFAULT_RETENTION_MS: Readonly<Record<FinalState, number>> = {
  completed: 7 * DAY_MS,
  failed: 30 * DAY_MS,
  canceled: 30 * DAY_MS,
};

/** How long rows of the audit log are kept if nobody says otherwise, in ms: 90 days, a quarter to look back on. */
const DEFAULT_AUDIT_RETENTION_MS = 90 * DAY_MS;

/**
 * How a worker deletes ended jobs. Ages are from 0 to 3,155,760,000,000 ms (100 years), and null keeps the jobs of the
 * state for ever. A `retentionMs` of a job or of its queue comes before these ages.
 */
export interface WorkerPruneOptions {
  /** How long completed jobs are kept, in ms. Default 604,800,000 (7 days). */
  completedMs?: number | null;
  /** How long failed jobs are kept, in ms. Default 2,592,000,000 (30 days). */
  failedMs?: number | null;
  /** How long canceled jobs are kept, in ms. Default 2,592,000,000 (30 days). */
  canceledMs?: number | null;
  /** How long rows of the audit log are kept, in ms. Default 7,776,000,000 (90 days). Null: for ever. */
  auditRetentionMs?: number | null;
  /** How often one of all workers prunes, in ms, 60,000 to 86,400,000. Default 3,600,000 (an hour). */
  everyMs?: number;
}

/** Checked options, with every default filled in. */
export interface PruneSettings {
  rules: readonly PruneRule[];
  /** How long rows of the audit log are kept; null: for ever. */
  auditRetentionMs: number | null;
  everyMs: number;
  /** Whether the worker was given no options: then a schedule that prunes decides how long jobs are kept. */
  isDefault: boolean;
}

const FIELDS = fieldNames<WorkerPruneOptions>({
  completedMs: true,
  failedMs: true,
  canceledMs: true,
  auditRetentionMs: true,
  everyMs: true,
});

/** Checks the option `prune`. Returns null for a worker that does not prune. Throws `InvalidOptionError`. */
export function checkPruneOption(option: false | WorkerPruneOptions | undefined): PruneSettings | null {
  if (option === false) return null;
  const given = option ?? {};
  if (typeof given !== "object") {
    throw new InvalidOptionError("prune", "false, or an object with ages", given);
  }
  checkFields("prune", given, FIELDS);
  return {
    rules: FINAL_STATES.map((state) => ({
      state,
      olderThanMs: ageOf(`${state}Ms`, given, DEFAULT_RETENTION_MS[state]),
      before: null,
    })),
    auditRetentionMs: ageOf("auditRetentionMs", given, DEFAULT_AUDIT_RETENTION_MS),
    everyMs: integerIn("prune.everyMs", given.everyMs ?? 3_600_000, [60_000, DAY_MS]),
    isDefault: option === undefined,
  };
}

function ageOf(
  name: Exclude<keyof WorkerPruneOptions, "everyMs">,
  given: WorkerPruneOptions,
  otherwise: number,
): number | null {
  const age = given[name];
  if (age === null) return null;
  return age === undefined ? otherwise : integerIn(`prune.${name}`, age, [0, DELAY_MS_MAX]);
}
