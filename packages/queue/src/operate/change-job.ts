import { type Executor, fieldNames } from "@millrace/base";
import { DELAY_MS_MAX, INTEGER_MAX, PRIORITY_MAX, PRIORITY_MIN } from "@millrace/schema/values";
import { findKeyHolders } from "../enqueue/find-key-holders.sql.ts";
import { freeKeys } from "../enqueue/free-keys.sql.ts";
import type { InsertOptions } from "../enqueue/insert-jobs.sql.ts";
import { checkInteger, checkName } from "../enqueue/job-fields.ts";
import type { JsonText } from "../enqueue/json-text.ts";
import { checkJobFields, checkPayload, checkRunAt, type EnqueueOptions } from "../enqueue/new-job.ts";
import { settingsText } from "../enqueue/settings-options.ts";
import { DuplicateJobError, InvalidJobError, JobContendedError, JobWaitsError } from "../errors.ts";
import type { Job, JsonValue } from "../job/job.ts";
import { type CheckedChange, changeJob } from "./change-job.sql.ts";

/** What to change in a queued job. Every field is optional; a field that is left out stays as it is. */
export interface JobChange
  extends Pick<
    EnqueueOptions,
    "queue" | "priority" | "runAt" | "delayMs" | "maxAttempts" | "tags" | "metadata"
  > {
  /**
   * Any JSON value, or JSON as text, up to 4 MiB as text. Takes the place of the whole payload. No task checks the
   * payload.
   */
  payload?: JsonValue | JsonText;
  /** The new key, with the scope of the old key; null: no key. */
  idempotencyKey?: string | null;
}

const FIELDS = fieldNames<JobChange>({
  payload: true,
  runAt: true,
  delayMs: true,
  priority: true,
  queue: true,
  maxAttempts: true,
  idempotencyKey: true,
  tags: true,
  metadata: true,
});

/** Checks a change, as an enqueue checks a job. Throws `InvalidJobError`. */
export function checkChange(change: JobChange): CheckedChange {
  checkJobFields(change, FIELDS);
  if (Object.keys(change).length === 0) {
    throw new InvalidJobError("change", "is empty; name at least one field to change.");
  }
  const { queue, priority, maxAttempts, delayMs, runAt, idempotencyKey, tags, metadata } = change;
  if (runAt !== undefined && delayMs !== undefined) {
    throw new InvalidJobError("delayMs", "and `runAt` exclude each other; give one of them.");
  }
  return {
    queue: queue === undefined ? null : checkName("queue", queue, 100),
    payload: change.payload === undefined ? null : checkPayload("payload", change.payload),
    priority:
      priority === undefined ? null : checkInteger("priority", priority, [PRIORITY_MIN, PRIORITY_MAX]),
    runAt: checkRunAt("runAt", runAt),
    delayMs: delayMs === undefined ? null : checkInteger("delayMs", delayMs, [0, DELAY_MS_MAX]),
    maxAttempts:
      maxAttempts === undefined ? null : checkInteger("maxAttempts", maxAttempts, [1, INTEGER_MAX]),
    setsKey: idempotencyKey !== undefined,
    key: idempotencyKey == null ? null : checkName("idempotencyKey", idempotencyKey, 255),
    settings: settingsText(
      { ...(tags === undefined ? {} : { tags }), ...(metadata === undefined ? {} : { metadata }) },
      (name) => name,
    ),
    setsTags: tags !== undefined,
    setsMetadata: metadata !== undefined,
  };
}

/**
 * How often a change is tried. A further round is needed after this call has freed an expired key, or when another
 * call changed the job or took the key between two statements.
 */
const ROUNDS_MAX = 100;

/**
 * Changes a queued job. Returns null if no such job exists, or the job is not queued. Throws `DuplicateJobError`,
 * `JobWaitsError`, `JobContendedError`; nothing was changed then.
 */
export async function changeQueuedJob(
  db: Executor,
  id: string,
  { change, options }: { change: CheckedChange; options: InsertOptions },
): Promise<Job | null> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const changed = await changeJob(db, id, { change, options });
    if (changed === null) return null;
    switch (changed.result) {
      case "changed":
        return changed.job;
      case "waits":
        throw new JobWaitsError({ id, state: "queued" }, "change", changed.waitsFor);
      case "key-taken":
        await makeRoom(db, { id, key: change.key ?? "", options });
        break;
      case "moved":
        break;
      default:
        changed satisfies never;
    }
  }
  throw new JobContendedError(id);
}

/** Frees a key if the key has expired. Throws `DuplicateJobError` if another job has the key. */
async function makeRoom(
  db: Executor,
  { id, key, options }: { id: string; key: string; options: InsertOptions },
): Promise<void> {
  const holder = (await findKeyHolders(db, [key])).get(key);
  if (holder === undefined || holder.id === id) return;
  if (!holder.expired) throw new DuplicateJobError(holder.id, key);
  await freeKeys(db, [holder], options);
}
