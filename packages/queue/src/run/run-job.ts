import type { Clock } from "@millrace/base";
import type { QueueSettings } from "@millrace/schema/values";
import { JobTimeoutError } from "../errors.ts";
import type { AnyTask } from "../task/define-task.ts";
import type { Middleware } from "../task/middleware.ts";
import type { TaskContext } from "../task/task-context.ts";
import { decideOutcome, type Outcome, type RunEnd } from "./decide-outcome.ts";
import type { Run } from "./run.ts";
import { runMiddleware } from "./run-middleware.ts";
import {
  defaultsOfTask,
  type RunDeciders,
  type RunDefaults,
  runBackoff,
  runTimeoutMs,
} from "./run-settings.ts";

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
  /** Runs around each handler, the first outermost. */
  middleware: readonly Middleware[];
  defaults: RunDefaults;
  /** The settings of a queue, as they were read last. */
  queueSettings(queue: string): QueueSettings | undefined;
  /** Creates the context of the handler. */
  contextOf(run: Run): TaskContext;
}

/**
 * Runs one handler to its end, its time-out or its abort, and decides what to write about it. Its time-out and its
 * backoff are decided when it begins. Never throws.
 */
export function runJob(run: Run, options: RunJobOptions): Promise<Outcome> {
  const { tasks, clock, defaults, queueSettings } = options;
  const { job } = run;
  const task = tasks.get(job.type);
  if (task === undefined) {
    run.ended = true;
    return Promise.resolve({ kind: "release", delayMs: UNKNOWN_DELAY_MS });
  }
  const deciders: RunDeciders = {
    job: run.settings,
    named: defaultsOfTask(defaults, job.type),
    task,
    queue: queueSettings(job.queue),
    worker: defaults,
  };
  const decide = (end: RunEnd): Outcome => {
    run.ended = true;
    return decideOutcome(end, {
      job,
      backoff: () => runBackoff(deciders),
      abortReason: run.abortReason,
      hasCompleted: run.hasCompleted,
      random: clock.random,
    });
  };
  // The run was aborted while it waited for its slot: do not begin.
  if (run.abortReason !== undefined)
    return Promise.resolve(decide({ kind: "threw", error: run.abortReason }));
  const timeoutMs = runTimeoutMs(deciders);
  return new Promise((resolve) =>
    runHandler(run, task, options, { timeoutMs, ended: (end) => resolve(decide(end)) }),
  );
}

/** Runs one handler with its middlewares, and calls `ended` once. */
function runHandler(
  run: Run,
  task: AnyTask,
  { clock, middleware, contextOf }: RunJobOptions,
  { timeoutMs, ended }: { timeoutMs: number | undefined; ended(end: RunEnd): void },
): void {
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
    const context = contextOf(run);
    const running =
      middleware.length === 0
        ? task.execute(run.job, context)
        : runMiddleware(middleware, context, async () => task.execute(run.job, context));
    running.then((value) => end({ kind: "returned", value }), threw);
  } catch (error) {
    // A task from another copy of this package, or not made by `defineTask`, may throw at once.
    threw(error);
  }
}
