/**
 * What to do about ticks found late: make one job for all (`latest`), no job (`skip`), or one job for each tick
 * (`all`).
 */
export const MISFIRE_POLICIES = ["latest", "skip", "all"] as const;

/** What to do about ticks found late. */
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/** What to do about a tick while a job of its schedule is unfinished: make a job (`allow`), or none (`skip`). */
export const OVERLAP_POLICIES = ["allow", "skip"] as const;

/** What to do about a tick while a job of its schedule is unfinished. */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** The outcomes of ticks. */
export const TICK_OUTCOMES = ["enqueued", "duplicate", "misfire-skipped", "overlap-skipped"] as const;

/**
 * The outcome of a tick.
 * - `enqueued`: the tick made a job.
 * - `duplicate`: the tick's job existed already.
 * - `misfire-skipped`, `overlap-skipped`: this policy left the tick out.
 */
export type TickOutcome = (typeof TICK_OUTCOMES)[number];
