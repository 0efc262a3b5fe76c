import type { Clock } from "@millrace/base";
import { JobTimeoutError } from "../errors.ts";
import type { AnyTask } from "../task/define-task.ts";
import type { TaskContext } from "../task/task-context.ts";
import { decideOutcome, type Outcome, type RunEnd } from "./decide-outcome.ts";
import type { Run } from "./run.ts";

/** How long a handler may run after its abort, in ms, before it loses its slot: long enough to roll back. */
export const ABANDON_AFTER_MS = 5_000;

/**
 * A job of a type that this worker has no task for is released. It is due again for other workers after this many ms.
 */
const UNKNOWN_DELAY_MS = 5_000;

/** What a run needs. */
export interface RunJobOptions {
  tasks: ReadonlyMap<string, AnyTask>;
  clock: Clock;
  /** Creates the context of the handler. */
  contextOf(run: Run): TaskContext;
}

/** Runs one handler to its end, its time-out or its abort, and decides what to write about it. Never throws. */
export function runJob(run: Run, options: RunJobOptions): Promise<Outcome> {
  const { tasks, clock } = options;
  const { job } = run;
  const task = tasks.get(job.type);
  if (task === undefined) {
    run.ended = true;
    return Promise.resolve({ kind: "release", delayMs: UNKNOWN_DELAY_MS });
  }
  const decide = (end: RunEnd): Outcome => {
    run.ended = true;
    return decideOutcome(end, {
      job,
      backoff: task.backoff,
      abortReason: run.abortReason,
      hasCompleted: run.hasCompleted,
      random: clock.random,
    });
  };
  // The run was aborted while it waited for its slot: do not begin.
  if (run.abortReason !== undefined)
    return Promise.resolve(decide({ kind: "threw", error: run.abortReason }));
  return new Promise((resolve) => runHandler(run, task, options, (end) => resolve(decide(end))));
}

/** Runs one handler, and calls `ended` once. */
function runHandler(
  run: Run,
  task: AnyTask,
  { clock, contextOf }: RunJobOptions,
  ended: (end: RunEnd) => void,
): void {
  const { timeoutMs } = task;
  const stopTimer =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => run.abort(new JobTimeoutError(run.job.id, timeoutMs)));
  let stopAbandoning: (() => void) | undefined;
  const end = (end: RunEnd) => {
    if (run.onAbort === undefined) return;
    run.onAbort = undefined;
    stopTimer?.();
    stopAbandoning?.();
    ended(end);
  };
  run.onAbort = (reason) => {
    stopAbandoning = clock.after(ABANDON_AFTER_MS, () => end({ kind: "threw", error: reason }));
  };
  // After an abort, a handler usually throws because of the abort. Report the reason of the abort, not what was thrown.
  const threw = (error: unknown) => end({ kind: "threw", error: run.abortReason ?? error });
  try {
    task.execute(run.job, contextOf(run)).then((value) => end({ kind: "returned", value }), threw);
  } catch (error) {
    // A task from another copy of this package, or not made by `defineTask`, may throw at once.
    threw(error);
  }
}
