import type { AnyTask } from "../define-task.ts";
import { DEFAULT_BACKOFF } from "../domain/backoff.ts";
import type { ClaimedJob } from "../domain/job.ts";
import { decideOutcome, type Outcome, type RunEnd } from "../domain/outcome.ts";
import { JobTimeoutError, NoTaskError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** How long a handler may take to react to its abort before its slot is given up. Long enough to roll back. */
export const ABANDON_AFTER_MS = 5_000;

/** What a run needs. */
export interface RunJobOptions {
  tasks: ReadonlyMap<string, AnyTask>;
  clock: Clock;
  controller: AbortController;
}

/** Runs one handler to its end, its time-out or its abort, and decides what to write about it. Never throws. */
export async function runJob(job: ClaimedJob, { tasks, clock, controller }: RunJobOptions): Promise<Outcome> {
  const task = tasks.get(job.type);
  const end: RunEnd =
    task === undefined
      ? { kind: "threw", error: new NoTaskError(job.type, [...tasks.keys()]) }
      : await runHandler(job, task, { clock, controller });
  return decideOutcome(end, {
    job,
    backoff: task?.backoff ?? DEFAULT_BACKOFF,
    abortReason: controller.signal.aborted ? controller.signal.reason : undefined,
    random: clock.random,
  });
}

async function runHandler(
  job: ClaimedJob,
  task: AnyTask,
  { clock, controller }: Pick<RunJobOptions, "clock" | "controller">,
): Promise<RunEnd> {
  const { signal } = controller;
  const { timeoutMs } = task;
  const stopTimer =
    timeoutMs === undefined
      ? () => undefined
      : clock.after(timeoutMs, () => controller.abort(new JobTimeoutError(job.id, timeoutMs)));
  const abandoned = abandonment(signal, clock);
  try {
    const handler = Promise.resolve().then(() => task.execute(job, { job, signal }));
    const returned = handler.then((value): RunEnd => ({ kind: "returned", value }));
    return await Promise.race([returned, abandoned.promise]);
  } catch (error) {
    // What a handler throws after a time-out is usually the abort itself; the time-out is what happened.
    return { kind: "threw", error: signal.aborted ? signal.reason : error };
  } finally {
    stopTimer();
    abandoned.cancel();
  }
}

/** Settles with the abort's reason when the handler has not reacted to it in time. */
function abandonment(signal: AbortSignal, clock: Clock) {
  let stopTimer = () => {};
  let onAbort = () => {};
  const promise = new Promise<RunEnd>((resolve) => {
    onAbort = () => {
      stopTimer = clock.after(ABANDON_AFTER_MS, () => resolve({ kind: "threw", error: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  return {
    promise,
    cancel() {
      signal.removeEventListener("abort", onAbort);
      stopTimer();
    },
  };
}
