import { DuplicateJobError, JobContendedError, JobWaitsError } from "../errors.ts";
import { changeQueuedJob } from "./change-job.ts";
import { findChanged, restoreKeyScope } from "./undo-change.sql.ts";
import type { UndoPass } from "./undo-command.ts";

/**
 * Gives the job of a `change` its old values, all or none. The job is left as it is if it was claimed or changed since,
 * or if another job has taken its old key.
 */
const restoreValues: UndoPass = async (db, { id: entryId }, { dryRun }) => {
  const found = await findChanged(db, entryId, { locks: !dryRun });
  if (found === null) return 0;
  if (dryRun) return 1;
  const { id, change } = found;
  try {
    const job = await changeQueuedJob(db, id, { change, options: { commitsAtOnce: false } });
    if (job === null) return 0;
  } catch (error) {
    const movedOn = [DuplicateJobError, JobWaitsError, JobContendedError];
    if (movedOn.some((each) => error instanceof each)) return 0;
    throw error;
  }
  if (change.setsKey && change.key !== null) await restoreKeyScope(db, entryId);
  return 1;
};

/** The passes that undo a `change`. */
export const UNDO_CHANGE = [restoreValues];
