import type { Executor } from "@millrace/base";
import { DuplicateJobError, KeyContendedError } from "../errors.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import { findKeyHolders, type KeyHolder } from "./find-key-holders.sql.ts";
import { freeKeys } from "./free-keys.sql.ts";
import { type IdentifiedInsert, type InsertOptions, insertJobs } from "./insert-jobs.sql.ts";
import { replaceJobs } from "./replace-jobs.sql.ts";

/**
 * How often jobs are inserted again. A further round is needed after this call has freed a key, or when another
 * transaction took or freed a key between two statements. Measured with four producers and a claimer in tight loops on
 * one key: more than 10 rounds once in some hundred enqueues.
 */
const ROUNDS_MAX = 100;

/** The results of an insert. A job without a result was not written, and `error` says why. */
export interface Inserted {
  /** In the order of the jobs that were given. */
  results: (EnqueueResult | undefined)[];
  error?: unknown;
}

/**
 * Inserts jobs, in one statement if no key is taken. If a job's key is taken:
 * - An expired key is freed, and the job is inserted.
 * - Otherwise the job's options decide: return the id of the job that has the key, or replace that job.
 *
 * If a statement fails, the jobs of earlier statements have results, and must not be inserted again. A job without a
 * result was not written, unless the connection was lost.
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

/** As `insertWithKeys`, but throws if a job has no result. The caller then rolls its transaction back. */
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

/** Returns results for jobs whose key was taken. A job without a result must be inserted again. */
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

/** Returns the replacements. If several jobs of one call replace the same job, only the last of them. */
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
 * Sorts jobs by key. Jobs with the same key keep their order. All calls take keys in this order, so that two calls with
 * the same keys do not deadlock.
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
