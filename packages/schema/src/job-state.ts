/** The five states of a job. */
export const JOB_STATES = ["queued", "running", "completed", "failed", "canceled"] as const;

/** One of the five states of a job. */
export type JobState = (typeof JOB_STATES)[number];

/** The states in which a job ends. Only a retry changes them: from `failed` or `canceled` back to `queued`. */
export const FINAL_STATES = ["completed", "failed", "canceled"] as const satisfies readonly JobState[];

/** One of the three states in which a job ends. */
export type FinalState = (typeof FINAL_STATES)[number];

/** How an attempt that did not complete its job ended. */
export const ATTEMPT_OUTCOMES = ["retried", "failed", "canceled", "crashed", "released"] as const;

/** How an attempt that did not complete its job ended. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];
