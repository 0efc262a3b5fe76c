/**
 * What a statement does about a row, or a key, that another transaction has locked.
 *
 * - `wait`: waits as long as the lock lasts. For a write that one caller asked for, and for any write in a caller's
 *   transaction.
 * - `wait briefly`: waits for at most 100 ms, and then fails with `lock_not_available`. For the writes of many callers,
 *   if it would be expensive to check for locks first. Use it only outside a transaction: its limit would stay set for
 *   the rest of the transaction.
 * - `skip`: neither changes nor returns the row. For the runs of many callers: one open transaction must not delay the
 *   runs of others.
 */
export const LOCK_POLICIES = ["wait", "wait briefly", "skip"] as const;

/** One of `LOCK_POLICIES`. */
export type LockPolicy = (typeof LOCK_POLICIES)[number];

/** The policies of a statement that cannot skip: while a key is taken, its job cannot be inserted. */
export const WAIT_POLICIES = ["wait", "wait briefly"] as const satisfies readonly LockPolicy[];

/** One of `WAIT_POLICIES`. */
export type WaitPolicy = (typeof WAIT_POLICIES)[number];

/** How long `wait briefly` waits, in ms. Most locks last less. */
const BRIEFLY_MS = 100;

/**
 * The parts of a statement that bound its waits for locks: `cte` follows WITH, before the other CTEs; `join` follows
 * FROM, before the relations whose rows are locked or written. Both are empty for the other policies.
 */
export function lockTimeout(policy: LockPolicy): { cte: string; join: string } {
  if (policy !== "wait briefly") return { cte: "", join: "" };
  const set = `SELECT set_config('lock_timeout', '${BRIEFLY_MS}ms', true)`;
  return { cte: `bounded AS MATERIALIZED (${set}), `, join: "bounded, " };
}

/** The limit of a policy's waits, as functions of the database take it: a value of `lock_timeout`, or null for none. */
export function lockLimit(policy: WaitPolicy): string | null {
  return policy === "wait briefly" ? `${BRIEFLY_MS}ms` : null;
}

/** The text of a statement for each policy that it may be sent with. */
export function byPolicy<Policy extends LockPolicy>(
  policies: readonly Policy[],
  text: (policy: Policy) => string,
): Record<Policy, string> {
  const texts = policies.map((policy) => [policy, text(policy)]);
  // The cast is safe: `texts` has an entry for each policy.
  return Object.fromEntries(texts) as Record<Policy, string>;
}
