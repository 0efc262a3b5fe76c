import { DuplicateJobError, KeyContendedError } from "./errors.ts";
import type { EnqueueResult } from "./queue.ts";
import { type IdentifiedInsert, type InsertOptions, insertJobs } from "./store/enqueue-jobs.ts";
import { findKeyHolders, type KeyHolder } from "./store/find-key-holders.ts";
import { freeKeys } from "./store/free-keys.ts";
import type { Executor } from "./store/queryable.ts";
import { replaceJobs } from "./store/replace-jobs.ts";

/**
 * A key's job may be claimed, freed or pruned between two statements; then what is left is tried again. Each time
 * another enqueue or a claim got ahead. Measured with four producers and a claimer in tight loops on one key: more
 * than 10 rounds once in some hundred enqueues.
 */
const ROUNDS_MAX = 100;

/**
 * Inserts jobs and tells what became of each, in their order. One statement when no key is taken. A job whose key is
 * taken is told of the job that has it, replaces it, or is inserted once the key is free, as its options say. Where
 * statements commit at once and a later one fails, what the earlier wrote stays; jobs with a key may be tried again
 * under their ids.
 */
export async function insertAll(
  db: Executor,
  inserts: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<EnqueueResult[]> {
  const results = new Map<string, EnqueueResult>();
  let pending = inKeyOrder(inserts);
  for (let round = 1; pending.length > 0; round += 1) {
    if (round > ROUNDS_MAX) throw new KeyContendedError(pending.map(keyOf));
    const inserted = await insertJobs(db, pending, options);
    for (const id of inserted) results.set(id, { id, outcome: "enqueued" });
    if (inserted.size === pending.length) break;
    pending = pending.filter((insert) => !inserted.has(insert.id));
    for (const [id, result] of await settleRefused(db, pending, options)) results.set(id, result);
    pending = pending.filter((insert) => !results.has(insert.id));
  }
  return inserts.flatMap((insert) => results.get(insert.id) ?? []);
}

/** Throws `DuplicateJobError` if a job that asked for it met a taken key. */
export function refuseDuplicates(
  inserts: readonly IdentifiedInsert[],
  results: readonly EnqueueResult[],
): void {
  for (const [index, insert] of inserts.entries()) {
    const result = results[index];
    if (insert.onDuplicate === "error" && result?.outcome === "duplicate") {
      throw new DuplicateJobError(result.id, keyOf(insert));
    }
  }
}

/** What became of jobs whose key was taken; a job that is missing is to be inserted again. */
async function settleRefused(
  db: Executor,
  refused: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<Map<string, EnqueueResult>> {
  const holders = await findKeyHolders(db, [...new Set(refused.map(keyOf))]);
  const lapsed = [...holders.values()].filter((holder) => holder.lapsed);
  if (lapsed.length > 0) await freeKeys(db, lapsed, options);
  const toReplace = lastOfEachKey(
    refused,
    (insert, holder) => insert.onDuplicate === "replace" && holder.queued && holder.id !== insert.id,
    holders,
  );
  const replaced = toReplace.length === 0 ? new Set() : await replaceJobs(db, toReplace, options);
  const results = new Map<string, EnqueueResult>();
  for (const insert of refused) {
    const holder = holders.get(keyOf(insert));
    // Written by an earlier try of the same enqueue, which failed in what came after.
    if (holder?.id === insert.id) results.set(insert.id, { id: insert.id, outcome: "enqueued" });
    else if (holder === undefined || holder.lapsed) continue;
    else if (insert.onDuplicate !== "replace" || !holder.queued) {
      results.set(insert.id, { id: holder.id, outcome: "duplicate" });
    } else if (replaced.has(holder.id)) {
      results.set(insert.id, { id: holder.id, outcome: "replaced" });
    }
  }
  return results;
}

/** Of several replacements of one job in one call, the last one's counts. */
function lastOfEachKey(
  refused: readonly IdentifiedInsert[],
  wanted: (insert: IdentifiedInsert, holder: KeyHolder) => boolean,
  holders: ReadonlyMap<string, KeyHolder>,
) {
  const last = new Map<string, IdentifiedInsert & { holderId: string }>();
  for (const insert of refused) {
    const holder = holders.get(keyOf(insert));
    if (holder === undefined || holder.lapsed || !wanted(insert, holder)) continue;
    last.set(holder.id, { ...insert, holderId: holder.id });
  }
  return [...last.values()];
}

/** Two calls with the same keys take them in the same order, or each could wait for the other. */
function inKeyOrder(inserts: readonly IdentifiedInsert[]): readonly IdentifiedInsert[] {
  if (inserts.every((insert) => insert.idempotencyKey === null)) return inserts;
  return [...inserts].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}

function keyOf(insert: IdentifiedInsert): string {
  return insert.idempotencyKey ?? "";
}
