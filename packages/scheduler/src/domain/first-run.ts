/** The instant of a schedule's creation, and the schedule's next tick. */
export interface Begun {
  createdAt: Date;
  nextRunAt: Date | null;
}

/**
 * Returns whether the next tick of a schedule is its run at creation: `runOnCreate` makes the creation the first tick.
 * All other ticks are later than the creation.
 */
export function isFirstRun({ createdAt, nextRunAt }: Begun): boolean {
  return nextRunAt?.getTime() === createdAt.getTime();
}
