/**
 * How long a task may delete rows, in ms: a day. The tasks have a time-out of their own, because the time-out that a
 * worker has for other tasks would cut them short each time.
 */
export const PRUNE_TIMEOUT_MS = 86_400_000;
