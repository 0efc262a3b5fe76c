import type { Executor } from "@millrace/base";
import { DuplicateJobError, KeyContendedError } from "../errors.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import { findKeyHolders, type KeyHolder } from "./find-key-holders.sql.ts";
import { freeKeys } from "./free-keys.sql.ts";
import { type IdentifiedInsert, type InsertOptions, insertJobs } from "./insert-jobs.sql.ts";
import { replaceJobs } from "./replace-jobs.sql.ts";

/**
 * Between two statements, another transaction may claim or prune the job that has a key, or free the key. Then the
 * remaining jobs are inserted again. Apart from keys that this call frees, a further round means that another
 * transaction was faster. Measured with four producers and a claimer in tight loops on one key: more than 10 rounds
 * once in some hundred enqueues.
 */
const ROUNDS_MAX = 100;

/** What became of jobs to insert. A job without a result was not written, and `error` says why. */
export interface Inserted {
  /** In the order of the jobs that were given. */
  results: (EnqueueResult | undefined)[];
  error?: unknown;
}

/**
 * Inserts jobs and returns what became of each. One statement when no key is taken. If a job's key is taken, the job's
 * options decide: return the id of the job that has the key, or replace that job. If the scope of the key is over, the
 * key is freed and the job is inserted.
 *
 * Where each statement commits at once and one fails, what earlier statements wrote stays and has results. A job with a
 * result must not be inserted again. A job without a result was not written, unless the connection was lost.
 */
export async function insertWithKeys(
  db: Executor,
  inserts: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<Inserted> {
  const results = new Map<string, EnqueueResult>();
  const inOrder = () => inserts.map((insert) => results.get(insert.id));
  let pending = inKeyOrder(inserts);
  try {
    for (let round = 1; pending.length > 0; round += 1) {
      if (round > ROUNDS_MAX) throw new KeyContendedError(pending.map(idempotencyKeyOf));
      const inserted = await insertJobs(db, pending, options);
      for (const id of inserted) results.set(id, { id, outcome: "enqueued" });
      if (inserted.size === pending.length) break;
      pending = pending.filter((insert) => !inserted.has(insert.id));
      for (const [id, result] of await resolveTakenKeys(db, pending, options)) results.set(id, result);
      pending = pending.filter((insert) => !results.has(insert.id));
    }
  } catch (error) {
    return { results: inOrder(), error };
  }
  return { results: inOrder() };
}

/** `insertWithKeys` for a caller whose transaction undoes what was written: throws when a job was not inserted. */
export async function insertAll(
  db: Executor,
  inserts: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<EnqueueResult[]> {
  const { results, error } = await insertWithKeys(db, inserts, options);
  const written = results.flatMap((result) => result ?? []);
  if (written.length < inserts.length) throw error;
  return written;
}

/** Throws `DuplicateJobError` if the key of a job with `onDuplicate: "error"` was taken. */
export function refuseDuplicates(
  inserts: readonly IdentifiedInsert[],
  results: readonly EnqueueResult[],
): void {
  for (const [index, insert] of inserts.entries()) {
    const result = results[index];
    if (insert.onDuplicate === "error" && result?.outcome === "duplicate") {
      throw new DuplicateJobError(result.id, idempotencyKeyOf(insert));
    }
  }
}

/** What became of jobs whose key was taken. A job without a result must be inserted again. */
async function resolveTakenKeys(
  db: Executor,
  blocked: readonly IdentifiedInsert[],
  options: InsertOptions,
): Promise<Map<string, EnqueueResult>> {
  const holders = await findKeyHolders(db, [...new Set(blocked.map(idempotencyKeyOf))]);
  const expired = [...holders.values()].filter((holder) => holder.expired);
  if (expired.length > 0) await freeKeys(db, expired, options);
  const toReplace = lastOfEachKey(blocked, holders);
  const replaced = toReplace.length === 0 ? new Set() : await replaceJobs(db, toReplace, options);
  const results = new Map<string, EnqueueResult>();
  for (const insert of blocked) {
    const holder = holders.get(idempotencyKeyOf(insert));
    if (holder === undefined || holder.expired) continue;
    if (insert.onDuplicate !== "replace" || !holder.queued) {
      results.set(insert.id, { id: holder.id, outcome: "duplicate" });
    } else if (replaced.has(holder.id)) {
      results.set(insert.id, { id: holder.id, outcome: "replaced" });
    }
  }
  return results;
}

/** If one call replaces one job several times, the last replacement counts. */
function lastOfEachKey(blocked: readonly IdentifiedInsert[], holders: ReadonlyMap<string, KeyHolder>) {
  const last = new Map<string, IdentifiedInsert & { holderId: string }>();
  for (const insert of blocked) {
    const holder = holders.get(idempotencyKeyOf(insert));
    if (holder === undefined || holder.expired || !holder.queued || insert.onDuplicate !== "replace")
      continue;
    last.set(holder.id, { ...insert, holderId: holder.id });
  }
  return [...last.values()];
}

/**
 * Jobs in the order of their keys; jobs with the same key stay in the order given. Two calls with the same keys then
 * take the keys in the same order. Otherwise each call could wait for the other.
 */
export function inKeyOrder(inserts: readonly IdentifiedInsert[]): readonly IdentifiedInsert[] {
  if (inserts.every((insert) => insert.idempotencyKey === null)) return inserts;
  return [...inserts].sort((a, b) =>
    idempotencyKeyOf(a) < idempotencyKeyOf(b) ? -1 : idempotencyKeyOf(a) > idempotencyKeyOf(b) ? 1 : 0,
  );
}

function idempotencyKeyOf(insert: IdentifiedInsert): string {
  return insert.idempotencyKey ?? "";
}
