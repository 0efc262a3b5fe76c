import type { Executor } from "@millrace/base";
import type { EnqueueResult } from "../enqueue/enqueue-result.ts";
import { type InsertOptions, insertJobs } from "../enqueue/insert-jobs.sql.ts";
import { jobIds } from "../enqueue/job-ids.ts";
import { JobNotFoundError } from "../errors.ts";
import { checkId } from "./check-id.ts";
import { readCopy } from "./read-copy.sql.ts";

/** The fields of a job that its copy does not get: time, key and schedule. */
const NOT_COPIED = {
  runAt: null,
  delayMs: null,
  maxWaitMs: null,
  idempotencyKey: null,
  keyScope: null,
  keyPeriodMs: null,
  onDuplicate: "existing",
  scheduleId: null,
} as const;

/** Enqueues a copy of a job. Throws `InvalidOptionError`, `JobNotFoundError`. */
export async function duplicate(db: Executor, id: string, options: InsertOptions): Promise<EnqueueResult> {
  const copied = await readCopy(db, checkId("id", id));
  if (copied === null) throw new JobNotFoundError(id);
  const insert = { id: jobIds.next(), ...copied, ...NOT_COPIED };
  await insertJobs(db, [insert], options);
  return { id: insert.id, outcome: "enqueued" };
}
