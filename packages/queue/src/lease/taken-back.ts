import type { MinuteCounts, QueueAddition } from "../wake/count-minutes.sql.ts";

/** A run that recovery took back, and what became of its job. */
export interface TakenBack {
  queue: string;
  /** The worker that lost the run. */
  workerId: string;
  /** Whether the run counts as a crash: a suspect's run that had not begun does not. */
  hasCrashed: boolean;
  /** Whether the job failed, because it crashed too often. */
  hasFailed: boolean;
  /** Whether the job was canceled, because a cancel was requested. */
  isCanceled: boolean;
}

/** What runs that were taken back add to the counts of their queues. */
export function takenBackAdditions(takenBack: readonly TakenBack[]): QueueAddition[] {
  const sums = new QueueSums();
  for (const { queue, hasCrashed, hasFailed, isCanceled } of takenBack) {
    if (hasCrashed) sums.add(queue, "crashed");
    if (hasFailed) sums.add(queue, "failed");
    if (isCanceled) sums.add(queue, "canceled");
  }
  return sums.additions();
}

/** What jobs that were canceled because they did not start in time add to the counts of their queues. */
export function expiredAdditions(expired: readonly { queue: string }[]): QueueAddition[] {
  const sums = new QueueSums();
  for (const { queue } of expired) sums.add(queue, "canceled");
  return sums.additions();
}

/** How many runs each worker lost by a crash. */
export function crashesByWorker(takenBack: readonly TakenBack[]): Map<string, number> {
  const crashes = new Map<string, number>();
  for (const { workerId, hasCrashed } of takenBack) {
    if (hasCrashed) crashes.set(workerId, (crashes.get(workerId) ?? 0) + 1);
  }
  return crashes;
}

/** Sums by queue. */
class QueueSums {
  readonly #byQueue = new Map<string, QueueAddition>();

  add(queue: string, name: keyof MinuteCounts): void {
    const addition = this.#byQueue.get(queue) ?? { queue };
    addition[name] = (addition[name] ?? 0) + 1;
    this.#byQueue.set(queue, addition);
  }

  additions(): QueueAddition[] {
    return [...this.#byQueue.values()];
  }
}
