/**
 * What a scheduler does with ticks that it finds late.
 * - `latest`: one job, for the last of the late ticks.
 * - `skip`: no job.
 * - `all`: one job for each late tick.
 */
export const MISFIRE_POLICIES = ["latest", "skip", "all"] as const;

/** What a scheduler does with ticks that it finds late: one of `MISFIRE_POLICIES`. */
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

/**
 * What a scheduler does at a tick while an earlier job of the schedule has not ended: make a job, or `skip` the tick.
 */
export const OVERLAP_POLICIES = ["allow", "skip"] as const;

/** What a scheduler does at a tick while an earlier job of the schedule has not ended. */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** The outcomes of ticks. */
export const TICK_OUTCOMES = ["enqueued", "duplicate", "misfire-skipped", "overlap-skipped"] as const;

/**
 * The outcome of a tick.
 * - `enqueued`: the tick made a job.
 * - `duplicate`: a job with the tick's key existed already.
 * - `misfire-skipped`: the misfire policy made no job for the tick.
 * - `overlap-skipped`: the overlap policy made no job for the tick.
 */
export type TickOutcome = (typeof TICK_OUTCOMES)[number];
