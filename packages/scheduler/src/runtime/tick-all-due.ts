import type { ScheduleFailure, SchedulerEvent } from "./scheduler-event.ts";
import { type TickDependencies, tickBatch } from "./tick-batch.ts";

/** How many schedules one transaction fires: few enough that the transaction holds its locks only for a short time. */
export const BATCH_SIZE = 250;

/**
 * The result of one round: one pass over all due schedules. A round reports each tick by `emit`, and does not collect
 * ticks, because there may be many.
 */
export interface Round {
  /** How many due schedules were found and could tick. */
  fired: number;
  /** Schedules that cannot tick. Their rows stay as they are, and the next round tries these schedules again. */
  failures: ScheduleFailure[];
}

/** The options of a round. */
export interface RoundOptions {
  /** Receives ticks, misfires and overlaps after their commit. */
  emit(event: SchedulerEvent): void;
  /** Whether to end the round after the batch under way. */
  stopped(): boolean;
}

/**
 * Fires every due schedule, batch by batch. A batch that is rolled back is repeated one schedule at a time, so that
 * only the schedule that cannot tick is left out.
 */
export async function tickAllDue(dependencies: TickDependencies, options: RoundOptions): Promise<Round> {
  const round: Round = { fired: 0, failures: [] };
  let limit = BATCH_SIZE;
  // How many schedules of the rolled-back batch are left to fire one at a time.
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
