import type { ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type TickDependencies, tickBatch } from "./tick-batch.ts";

/** How many schedules one transaction fires: few enough to keep its locks short. */
export const BATCH_SIZE = 250;

/** What one look at the schedules did. Ticks are told of as they are committed, not collected: there may be many. */
export interface Round {
  /** How many due schedules were found and could tick. */
  fired: number;
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
export async function tickAllDue(dependencies: TickDependencies, options: RoundOptions): Promise<Round> {
  const round: Round = { fired: 0, failures: [] };
  let limit = BATCH_SIZE;
  // One at a time until what the rolled-back batch held is behind.
  let single = 0;
  for (;;) {
    const exclude = round.failures.map((failure) => failure.scheduleId);
    const batch = await tickBatch(dependencies, { limit, exclude });
    if (batch.rolledBack && batch.found > 1) {
      single = batch.found;
      limit = 1;
      continue;
    }
    round.failures.push(...batch.failures);
    round.fired += batch.found - batch.failures.length;
    for (const event of batch.events) options.emit(event);
    if (batch.found < limit || options.stopped()) return round;
    single -= 1;
    if (single <= 0) limit = BATCH_SIZE;
  }
}
