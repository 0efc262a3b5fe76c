import type { BulkAnswer, BulkRequest } from "@millrace/api/client";

/** What a command on many jobs has done so far. */
export interface BulkProgress {
  changed: number;
  skipped: number;
  cancelRequested: number;
  /** The jobs up to this one are done. */
  after: string | null;
  /** For the undo of everything that was changed; null for a dry run. */
  commandId: string | null;
  done: boolean;
}

/** Nothing has been done. */
export const NOTHING_DONE: BulkProgress = {
  changed: 0,
  skipped: 0,
  cancelRequested: 0,
  after: null,
  commandId: null,
  done: false,
};

/**
 * Runs a command on many jobs to its end: each request continues where the one before ended, under the same id, so that
 * one undo takes everything back. `onStep` is told after each request, and stops the command by answering false.
 * Continues from `from`, where a command was stopped or had failed.
 */
export async function runBulk(
  send: (request: BulkRequest) => Promise<BulkAnswer>,
  { filter, dryRun = false }: Pick<BulkRequest, "filter" | "dryRun">,
  { onStep, from = NOTHING_DONE }: { onStep: (progress: BulkProgress) => boolean; from?: BulkProgress },
): Promise<BulkProgress> {
  let progress = from;
  while (!progress.done) {
    const { after, commandId } = progress;
    const answer = await send({
      filter,
      dryRun,
      ...(after === null ? {} : { after }),
      ...(commandId === null || dryRun ? {} : { commandId }),
    });
    progress = {
      changed: progress.changed + answer.changed,
      skipped: progress.skipped + answer.skipped,
      cancelRequested: progress.cancelRequested + answer.cancelRequested,
      after: answer.after ?? after,
      commandId: answer.commandId ?? commandId,
      // Without a place to continue from, the same jobs would be asked for again.
      done: answer.done || answer.after === null,
    };
    if (!onStep(progress)) break;
  }
  return progress;
}
