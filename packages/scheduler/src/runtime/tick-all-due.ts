import type { EnqueuedTick, ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type TickDependencies, tickBatch } from "./tick-batch.ts";

/** How many schedules one transaction fires: few enough to keep its locks short. */
const BATCH_SIZE = 100;

/** What one look at the schedules did. */
export interface TickResult {
  ticks: EnqueuedTick[];
  /** Schedules that cannot tick; they were left as they are, and are looked at again next time. */
  failures: ScheduleFailure[];
}

/** How to run a round. */
export interface RoundOptions {
  /** Told of ticks, misfires and overlaps once they are committed. */
  emit(event: SchedulerEvent): void;
  /** Ends the round after the batch under way. */
  stopped(): boolean;
}

/**
 * Fires every schedule that is due, batch by batch. A batch that is rolled back is repeated one schedule at a time,
 * so that only the one that cannot tick is left behind.
 */
export async function tickAllDue(dependencies: TickDependencies, options: RoundOptions): Promise<TickResult> {
  const result: TickResult = { ticks: [], failures: [] };
  let limit = BATCH_SIZE;
  for (;;) {
    const exclude = result.failures.map((failure) => failure.scheduleId);
    const batch = await tickBatch(dependencies, { limit, exclude });
    if (batch.rolledBack && batch.found > 1) {
      limit = 1;
      continue;
    }
    result.ticks.push(...batch.ticks);
    result.failures.push(...batch.failures);
    for (const event of batch.events) options.emit(event);
    for (const tick of batch.ticks) options.emit({ kind: "tick", ...tick });
    if (batch.found < limit || options.stopped()) return result;
  }
}
