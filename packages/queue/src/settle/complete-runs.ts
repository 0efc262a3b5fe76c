import { type Executor, isLockTimeout } from "@millrace/base";
import type { Completion } from "../job/job.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import type { Run } from "../run/run.ts";
import { completeClaims } from "./complete-claims.sql.ts";
import { completeJobs } from "./complete-jobs.sql.ts";

/** A run whose handler has returned, and its output as JSON text. */
export interface CompletedRun {
  run: Run;
  output: string | null;
}

/**
 * Completes the runs of one worker. If no run has an output, each claim of which every run is given is completed as a
 * whole: this costs about half, because no job is named. Returns the runs that were not completed, and why. Waits only
 * briefly for locks.
 */
export async function completeRuns(db: Executor, completed: readonly CompletedRun[]): Promise<Unwritten> {
  const each = () => completeJobs(db, completed.map(completionOf), "wait briefly");
  if (completed.some(({ output }) => output !== null)) return each();
  const { whole, parts } = byClaim(completed);
  if (whole.size === 0) return each();
  let closed: Set<number>;
  try {
    closed = await completeClaims(
      db,
      [...whole].map(([leaseToken, runs]) => ({ leaseToken, id: runs[0].job.id, jobs: runs.length })),
    );
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    closed = new Set();
  }
  const left = [...whole].flatMap(([leaseToken, runs]) => (closed.has(leaseToken) ? [] : runs));
  const others = [...left, ...parts].map((run) => completionOf({ run, output: null }));
  return others.length === 0 ? { refused: [], locked: [] } : completeJobs(db, others, "wait briefly");
}

type NonEmpty = [Run, ...Run[]];

/** The claims of which every run is given, by token, and the runs of the other claims. */
function byClaim(completed: readonly CompletedRun[]): { whole: Map<number, NonEmpty>; parts: Run[] } {
  const whole = new Map<number, NonEmpty>();
  for (const { run } of completed) {
    const others = whole.get(run.job.leaseToken);
    if (others === undefined) whole.set(run.job.leaseToken, [run]);
    else others.push(run);
  }
  const parts: Run[] = [];
  for (const [token, given] of whole) {
    if (given.length === given[0].claimSize) continue;
    parts.push(...given);
    whole.delete(token);
  }
  return { whole, parts };
}

function completionOf({ run: { job }, output }: CompletedRun): Completion {
  return { id: job.id, leaseToken: job.leaseToken, output };
}
