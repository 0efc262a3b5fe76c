import { type Executor, isLockTimeout } from "@millrace/base";
import { runKey } from "./held-runs.sql.ts";
import type { Lease } from "./job.ts";
import type { LockPolicy } from "./lock-policy.sql.ts";
import { type Unwritten, unwrittenRuns } from "./unwritten-runs.sql.ts";

/**
 * How many times a write with the policy `wait` is sent. It may miss runs that hold their lease, because their claim
 * was split between the statement's snapshot and its lock. The next statement has a new snapshot, and finds them. In a
 * transaction that keeps one snapshot, no statement finds them.
 */
const ROUNDS_MAX = 10;

/**
 * Sends a fenced write, and asks what became of the runs that it did not write. `send` returns those runs.
 *
 * - `wait`: no run is returned as locked. A run that is missed in every round is returned as refused.
 * - `wait briefly`: a lock never fails the write. It is sent again with `skip`.
 * - `skip`: runs whose claim is locked are returned as locked.
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
