import type { Executor } from "@millrace/base";
import { DELAY_MS_MAX, type FinalState } from "@millrace/schema/values";
import { deleteStatement, KEY_IS_FREE } from "./delete-jobs.sql.ts";
import { NOTHING_CHANGED, rangeValues, type StepRange, type StepResult } from "./walk-step.sql.ts";

/** SQL for the retention in settings, in ms; NULL without one. SQL may have put any JSON into the settings. */
const retentionIn = (settings: string) => `CASE WHEN jsonb_typeof(${settings} -> 'retentionMs') = 'number'
                THEN least((${settings} -> 'retentionMs')::numeric, ${DELAY_MS_MAX})::float8 END`;

/** SQL for how long an ended job `j` is kept, in ms: the job's `retentionMs`, else its queue's, else NULL. */
const OWN_MS = `coalesce(${retentionIn("j.settings")},
           CASE WHEN (SELECT EXISTS (SELECT FROM millrace.job_queues q WHERE q.settings ? 'retentionMs'))
                THEN (SELECT ${retentionIn("q.settings")} FROM millrace.job_queues q WHERE q.name = j.queue) END)`;

/**
 * The SQL condition that an ended job `j` is to be deleted. There must be a rule for its state. If the job or its queue
 * has a `retentionMs`, the job is deleted when that time is over; otherwise the rule decides. $4 to $6 are the rules.
 */
const FITS_RULE = `EXISTS (
      SELECT FROM unnest($4::text[], $5::float8[], $6::uuid[]) AS rule(state, older_than_ms, before)
      WHERE rule.state = j.state
        AND (j.ended_at < now() - coalesce(${OWN_MS}, rule.older_than_ms) * interval '1 ms'
             OR (rule.before IS NOT NULL AND j.id < rule.before AND ${OWN_MS} IS NULL)))`;

/**
 * Guarantees: deletes only ended jobs that a rule for their state selects, or whose own retention is over, with their
 * attempts, keys and payloads. Leaves locked rows unchanged.
 * Index: the primary key of ended_jobs, in bounded steps. If a queue has a retention, the primary key of job_queues.
 * No row: never.
 */
const PRUNE = deleteStatement({ ended_jobs: `(${KEY_IS_FREE} AND ${FITS_RULE})` }).walk;

/**
 * Selects ended jobs of a state to delete: jobs that ended longer ago than an age, and jobs with an id below `before`.
 * Of jobs with a retention of their own, or of their queue's, the rule selects those whose retention is over.
 */
export interface PruneRule {
  state: FinalState;
  olderThanMs: number | null;
  before: string | null;
}

/** Deletes the jobs that the rules select among one step's jobs. */
export async function pruneJobs(
  db: Executor,
  range: StepRange,
  rules: readonly PruneRule[],
): Promise<StepResult> {
  const { rows } = await db.query(PRUNE, [
    ...rangeValues(range),
    rules.map((rule) => rule.state),
    rules.map((rule) => rule.olderThanMs),
    rules.map((rule) => rule.before),
  ]);
  return (rows as StepResult[])[0] ?? NOTHING_CHANGED;
}
