import type { Executor } from "@millrace/base";
import type { InTransaction } from "../job/in-transaction-option.ts";
import type { AuditedCommand } from "./auditor.ts";
import { checkId } from "./check-id.ts";
import { type CancelResult, cancel } from "./one-job.ts";

/** What a command on one queued or ended job does. */
export interface JobStep<Result> {
  id: string;
  options: InTransaction;
  work(db: Executor): Promise<Result>;
  /**
   * Locks the job, and returns its record before the change, as JSON text; null if the command will change nothing.
   */
  recordBefore(db: Executor, id: string): Promise<string | null>;
}

/**
 * Runs a command on one queued or ended job. If the command is recorded, locks and reads the job first, so that no
 * other command can change the job between the record and the change.
 */
export async function stepOnJob<Result>(
  command: AuditedCommand,
  { id, options, work, recordBefore }: JobStep<Result>,
): Promise<Result> {
  const done = await command.step(
    async (db) => {
      const before = command.isRecorded ? await recordBefore(db, checkId("id", id)) : null;
      return { before, result: await work(db) };
    },
    ({ before }) => (before === null ? { changed: 0, before: [] } : { changed: 1, before: `[${before}]` }),
    options,
  );
  return done.result;
}

/**
 * Cancels one job. The record has what an undo needs: which job has the key of the job, and the follower that is due
 * now, so that the follower can wait again.
 */
export async function cancelInStep(
  command: AuditedCommand,
  { id, options }: Pick<JobStep<CancelResult>, "id" | "options">,
): Promise<CancelResult> {
  const done = await command.step(
    (db) => cancel(db, id),
    ({ result, follower, keyHolder }) => {
      const state = result === "canceled" ? "queued" : "running";
      const needed = { ...(follower !== null && { follower }), ...(keyHolder !== null && { keyHolder }) };
      return { changed: 1, before: [{ id, state, ...needed }] };
    },
    options,
  );
  return done.result;
}
