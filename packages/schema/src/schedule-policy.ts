/** What to do with ticks found late: one job for all of them, none, or one each up to a cap. */
export const MISFIRE_POLICIES = ["latest", "skip", "all"] as const;

/** What to do with ticks found late. */
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** What to do with a tick whose schedule still has an unfinished job: enqueue anyway, or not. */
export const OVERLAP_POLICIES = ["allow", "skip"] as const;

/** What to do with a tick whose schedule still has an unfinished job. */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What can become of a tick. */
export const TICK_OUTCOMES = ["enqueued", "duplicate", "misfire-skipped", "overlap-skipped"] as const;

/**
 * `enqueued`: it made a job. `duplicate`: its job was there already. `misfire-skipped`, `overlap-skipped`: the
 * schedule's policy left it out.
 */
export type TickOutcome = (typeof TICK_OUTCOMES)[number];
