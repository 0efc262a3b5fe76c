import { UNDO_CANCEL } from "./undo-cancel.sql.ts";
import { UNDO_CHANGE } from "./undo-change.ts";
import type { UndoPasses } from "./undo-command.ts";
import { UNDO_PAUSE, UNDO_RESUME, UNDO_SET_QUEUE } from "./undo-queue.sql.ts";
import { UNDO_RETRY } from "./undo-retry.sql.ts";
import { UNDO_RUN_NOW } from "./undo-run-now.sql.ts";
import type { QUEUE_UNDOES } from "./undoable-actions.ts";

/** How the commands of a queue are undone. */
export const QUEUE_UNDO_PASSES = {
  cancel: UNDO_CANCEL,
  cancelMany: UNDO_CANCEL,
  retry: UNDO_RETRY,
  retryMany: UNDO_RETRY,
  runNow: UNDO_RUN_NOW,
  runNowMany: UNDO_RUN_NOW,
  change: UNDO_CHANGE,
  pause: UNDO_PAUSE,
  resume: UNDO_RESUME,
  setQueue: UNDO_SET_QUEUE,
} satisfies UndoPasses & Record<(typeof QUEUE_UNDOES)[number], unknown>;
