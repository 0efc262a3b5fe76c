/**
 * What a statement does about a row, or a key, that another transaction has locked.
 *
 * - `wait`: it waits as long as the lock lasts. For a write that one caller asked for, and for any write in a caller's
 *   transaction.
 * - `wait briefly`: it waits for 100 ms at most, and then fails with `lock_not_available`. For a statement that carries
 *   the writes of many callers, and for which looking at locks first would be expensive. It must be a transaction of
 *   its own: otherwise the limit would stay for the rest of the caller's transaction.
 * - `skip`: it leaves the row as it is, and does not return it. For a statement about the runs of many callers: one
 *   open transaction must not delay the runs of others.
 */
export const LOCK_POLICIES = ["wait", "wait briefly", "skip"] as const;

/** One of `LOCK_POLICIES`. */
export type LockPolicy = (typeof LOCK_POLICIES)[number];

/** The policies of a statement that has nothing to skip: a key that is taken keeps a job from being inserted at all. */
export const WAIT_POLICIES = ["wait", "wait briefly"] as const satisfies readonly LockPolicy[];

/** One of `WAIT_POLICIES`. */
export type WaitPolicy = (typeof WAIT_POLICIES)[number];

/** How long `wait briefly` waits, in ms: most locks are shorter. */
const BRIEFLY_MS = 100;

/**
 * What bounds a statement's waits, if its policy bounds them: `cte` follows WITH, before the other CTEs, and `join`
 * follows FROM, before the relations of which rows are locked or written. Empty for the other policies, which it costs
 * nothing.
 */
export function lockTimeout(policy: LockPolicy): { cte: string; join: string } {
  if (policy !== "wait briefly") return { cte: "", join: "" };
  const set = `SELECT set_config('lock_timeout', '${BRIEFLY_MS}ms', true)`;
  return { cte: `bounded AS MATERIALIZED (${set}), `, join: "bounded, " };
}

/** The text of a statement under each policy that it may be sent with. */
export function byPolicy<Policy extends LockPolicy>(
  policies: readonly Policy[],
  text: (policy: Policy) => string,
): Record<Policy, string> {
  const texts = policies.map((policy) => [policy, text(policy)]);
  // The boundary: there is a text for each policy.
  return Object.fromEntries(texts) as Record<Policy, string>;
}
