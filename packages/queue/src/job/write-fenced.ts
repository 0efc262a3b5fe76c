import { type Executor, isLockTimeout } from "@millrace/base";
import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import type { LockPolicy } from "./lock-policy.sql.ts";
import { type Unwritten, unwrittenRuns } from "./unwritten-runs.sql.ts";

/**
 * How often a write that waits for locks is repeated for runs that it did not find, though they hold their lease: their
 * claim was split between the statement's snapshot and its lock. A transaction that keeps its snapshot never finds
 * them.
 */
const ROUNDS_MAX = 10;

/**
 * Sends a fenced write, and finds out what became of the runs that it did not write. `send` returns those runs. With
 * the policy `wait`, no run is left as locked. With the policy `wait briefly`, a write never fails because of a lock:
 * it begins again, and skips locked claims.
 */
export async function writeFenced<Item extends Lease>(
  db: Executor,
  {
    items,
    policy,
    send,
  }: {
    items: readonly Item[];
    policy: LockPolicy;
    send(items: readonly Item[], policy: LockPolicy): Promise<Lease[]>;
  },
): Promise<Unwritten> {
  let left = items;
  const refused: Lease[] = [];
  for (let round = 1; ; round += 1) {
    const unwritten = await unwrittenRuns(db, await sendOnce(left, policy, send));
    refused.push(...unwritten.refused);
    if (policy !== "wait" || unwritten.locked.length === 0) return { refused, locked: unwritten.locked };
    if (round === ROUNDS_MAX) return { refused: [...refused, ...unwritten.locked], locked: [] };
    const again = new Set(unwritten.locked.map(runKey));
    left = left.filter((item) => again.has(runKey(item)));
  }
}

async function sendOnce<Item extends Lease>(
  items: readonly Item[],
  policy: LockPolicy,
  send: (items: readonly Item[], policy: LockPolicy) => Promise<Lease[]>,
): Promise<Lease[]> {
  try {
    return await send(items, policy);
  } catch (error) {
    if (policy !== "wait briefly" || !isLockTimeout(error)) throw error;
    return send(items, "skip");
  }
}
