import type { Executor } from "@millrace/base";
import { DuplicateJobError, KeyContendedError } from "../errors.ts";
import { freeFollowers } from "../wake/free-followers.sql.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import { findKeyHolders, type KeyHolder } from "./find-key-holders.sql.ts";
import { followJobs } from "./follow-jobs.sql.ts";
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
 * - Otherwise the job's options decide: return the id of the job that has the key, replace that job, or follow it.
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
      await resolveTakenKeys(db, pending, { options, results });
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

/** What `resolveTakenKeys` works with. `results` keeps what an earlier statement wrote, also when a later one fails. */
interface Resolving {
  options: InsertOptions;
  results: Map<string, EnqueueResult>;
}

/** Adds results for jobs whose key was taken. A job without a result must be inserted again. */
async function resolveTakenKeys(
  db: Executor,
  blocked: readonly IdentifiedInsert[],
  { options, results }: Resolving,
): Promise<void> {
  const holders = await findKeyHolders(db, [...new Set(blocked.map(idempotencyKeyOf))]);
  const taken = blocked.flatMap((insert) => {
    const holder = holders.get(idempotencyKeyOf(insert));
    return holder === undefined ? [] : [{ insert, holder, remedy: remedyFor(insert, holder) }];
  });
  const by = (remedy: Remedy) => taken.filter((each) => each.remedy === remedy);
  for (const { insert, holder } of by("duplicate")) {
    results.set(insert.id, { id: holder.id, outcome: "duplicate" });
  }
  const expired = new Set(by("free").map(({ holder }) => holder));
  if (expired.size > 0) await freeKeys(db, [...expired], options);
  const waiting = [
    ...(await replace(db, by("replace"), { options, results })),
    ...(await follow(db, by("follow"), { options, results })),
  ];
  if (waiting.length > 0) await freeIfFirstEnded(db, waiting, options);
}

/** An insert whose key is taken, and the job that has the key. */
interface Taken {
  insert: IdentifiedInsert;
  holder: KeyHolder;
}

/** What to do about a taken key: free the key, replace or follow the job that has it, or leave that job. */
type Remedy = "free" | "replace" | "follow" | "duplicate";

function remedyFor({ onDuplicate }: IdentifiedInsert, { queued, expired, after }: KeyHolder): Remedy {
  if (onDuplicate === "follow") {
    if (queued) return "replace";
    // A follower was canceled. The job that it waited for may still be running.
    return expired && after === null ? "free" : "follow";
  }
  if (expired) return "free";
  return onDuplicate === "replace" && queued ? "replace" : "duplicate";
}

/** Replaces queued jobs, each by the last insert of its key. Returns the replaced jobs that wait for another job. */
async function replace(
  db: Executor,
  taken: readonly Taken[],
  { options, results }: Resolving,
): Promise<string[]> {
  if (taken.length === 0) return [];
  const last = new Map(taken.map(({ insert, holder }) => [holder.id, { ...insert, holderId: holder.id }]));
  const { replaced, waiting } = await replaceJobs(db, [...last.values()], options);
  for (const { insert, holder } of taken) {
    if (replaced.has(holder.id)) results.set(insert.id, { id: holder.id, outcome: "replaced" });
  }
  return waiting;
}

/**
 * Inserts a follower for each key, from the last insert of the key. Returns the followers that wait for another job.
 */
async function follow(
  db: Executor,
  taken: readonly Taken[],
  { options, results }: Resolving,
): Promise<string[]> {
  if (taken.length === 0) return [];
  const last = new Map(
    taken.map(({ insert, holder }) => [
      holder.key,
      { ...insert, holderId: holder.id, firstId: holder.after ?? holder.id },
    ]),
  );
  const followed = await followJobs(db, [...last.values()], options);
  const written = new Set(followed.map(({ id }) => id));
  const told = new Set<string>();
  for (const { insert, holder } of taken) {
    const id = last.get(holder.key)?.id ?? "";
    if (!written.has(id)) continue;
    results.set(insert.id, { id, outcome: told.has(id) ? "replaced" : "enqueued" });
    told.add(id);
  }
  return followed.filter(({ waits }) => waits).map(({ id }) => id);
}

/** Frees followers whose first job has ended since the statement that wrote them began. */
async function freeIfFirstEnded(
  db: Executor,
  ids: readonly string[],
  { commitsAtOnce }: InsertOptions,
): Promise<void> {
  try {
    await freeFollowers(db, ids, { commitsAtOnce });
  } catch (error) {
    // The followers are committed, and the recovery loop frees them. In a transaction, the error undoes all.
    if (!commitsAtOnce) throw error;
  }
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
