import { createBatcher, executorOf, isRefusal, type Queryable, shown } from "@millrace/base";
import { InvalidJobError } from "../errors.ts";
import type { JsonValue } from "../job/job.ts";
import { createEnqueueBehindLocks, mayWaitForLock } from "./enqueue-behind-locks.ts";
import type { EnqueueResult } from "./enqueue-result.ts";
import { type EnqueueableTask, isEnqueueable } from "./enqueueable-task.ts";
import { type IdentifiedInsert, insertJobs } from "./insert-jobs.sql.ts";
import { jobIds } from "./job-ids.ts";
import type { TaskJob } from "./job-of.ts";
import { JsonText } from "./json-text.ts";
import { checkNewJob, type EnqueueOptions } from "./new-job.ts";

/** Bounds one statement's parameters. */
const BATCH_MAX = 1_000;

/**
 * Creates the enqueue of single jobs.
 * - Enqueues made at the same moment share one statement and one commit.
 * - If PostgreSQL refuses that statement, it has written nothing. Then each job is written by itself.
 * - Jobs with a key go to `createEnqueueBehindLocks`, because they may have to wait for another transaction.
 */
export function createEnqueue(db: Queryable): (insert: IdentifiedInsert) => Promise<EnqueueResult> {
  const executor = executorOf(db);
  const free = createBatcher<IdentifiedInsert, EnqueueResult>({
    batchMax: BATCH_MAX,
    async write(inserts) {
      await insertJobs(executor, inserts, { commitsAtOnce: true });
      return inserts.map(({ id }) => ({ id, outcome: "enqueued" }));
    },
    // After any other error, the jobs may have been written, run and pruned. A second write would run the jobs again.
    isShared: (error) => !isRefusal(error),
  });
  const waiting = createEnqueueBehindLocks(db);
  return (insert) => (mayWaitForLock(insert) ? waiting(insert) : free.submit(insert));
}

/** Returns the row that one enqueue inserts, for a task or a type name. Throws as `enqueue` does. */
export async function insertFor(
  target: string | EnqueueableTask<unknown>,
  { payload, ...options }: EnqueueOptions & { payload?: unknown },
): Promise<IdentifiedInsert> {
  if (typeof target !== "string") return insertOfTask({ ...options, task: target, payload });
  const given = payload === undefined ? {} : { payload: payload as JsonValue | JsonText };
  return { id: jobIds.next(), ...checkNewJob({ type: target, ...options, ...given }) };
}

/**
 * Returns the row for a job of a task, with the task's defaults. Returns a promise only if the task's schema does. `at`
 * names the job in errors. Throws `InvalidJobError`, `InvalidPayloadError`.
 */
export function insertOfTask(
  { task, payload, ...options }: EnqueueOptions & Pick<TaskJob, "task" | "payload">,
  at = "",
): IdentifiedInsert | Promise<IdentifiedInsert> {
  if (!isEnqueueable(task)) {
    const reason = `must be a task that defineTask made, or the name of a type, got ${shown(task)}.`;
    throw new InvalidJobError(at === "" ? "task" : `${at}.task`, reason);
  }
  if (payload instanceof JsonText) {
    const reason = `is a JsonText, and the task "${task.name}" checks values. Give the value, or enqueue by type name.`;
    throw new InvalidJobError(at === "" ? "payload" : `${at}.payload`, reason);
  }
  const { name: type, queue, priority, maxAttempts, retentionMs, deadLetter } = task;
  const job = {
    type,
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    ...options,
  };
  const insertOf = (text: string) => ({ id: jobIds.next(), ...checkNewJob(job, at, text) });
  const text = task.encode(payload);
  return typeof text === "string" ? insertOf(text) : text.then(insertOf);
}
