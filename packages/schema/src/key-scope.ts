/** For how long an idempotency key stays taken, when it is not until its job is pruned. */
export const KEY_SCOPES = ["queued", "active", "period"] as const;

/**
 * `queued`: until the job is claimed. `active`: until it has ended. `period`: until an instant that was fixed at the
 * enqueue.
 */
export type KeyScope = (typeof KEY_SCOPES)[number];
