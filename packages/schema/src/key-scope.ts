/** The scopes of an idempotency key. A key without a scope stays taken until its job is pruned. */
export const KEY_SCOPES = ["queued", "active", "period"] as const;

/**
 * How long an idempotency key stays taken.
 * - `queued`: until the job is claimed.
 * - `active`: until the job has ended.
 * - `period`: until an instant that the enqueue fixed.
 */
export type KeyScope = (typeof KEY_SCOPES)[number];
