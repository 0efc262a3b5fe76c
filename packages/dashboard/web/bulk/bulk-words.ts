import type { BulkAction } from "@millrace/api/client";
import { countText, figureText } from "../text/count-text.ts";
import type { BulkProgress } from "./run-bulk.ts";

/** How a command on many jobs is spoken of. */
export interface BulkWords {
  /** The button: `Retry`. */
  verb: string;
  /** While the command runs: `Retrying`. */
  doing: string;
  /** After it: `retried`. */
  done: string;
  /** What the command does to jobs that it can change. */
  effect: string;
  /** Which jobs the command leaves alone. */
  leaves: string;
  danger: boolean;
}

/** The words of each command. */
export const BULK_WORDS: Readonly<Record<BulkAction, BulkWords>> = {
  retry: {
    verb: "Retry",
    doing: "Retrying",
    done: "retried",
    effect: "They run again as soon as a worker is free, with all their attempts. Their outputs are gone.",
    leaves: "Jobs that are queued or running stay as they are.",
    danger: false,
  },
  "run-now": {
    verb: "Run now",
    doing: "Making due",
    done: "made due",
    effect: "They become due now, and run as soon as a worker is free.",
    leaves: "Jobs that are not queued, or wait for another job of their key, stay as they are.",
    danger: false,
  },
  cancel: {
    verb: "Cancel",
    doing: "Canceling",
    done: "canceled",
    effect:
      "Queued jobs are canceled at once. Running jobs are asked to stop, and end when their handlers do.",
    leaves: "Jobs that have ended stay as they are.",
    danger: true,
  },
  delete: {
    verb: "Delete",
    doing: "Deleting",
    done: "deleted",
    effect: "They are gone for good, with their payloads, outputs and errors. This cannot be undone.",
    leaves: "Running jobs stay as they are.",
    danger: true,
  },
};

/** What a command did, in a sentence: `12 jobs canceled, 1 locked by a transaction and left`. */
export function bulkSummary(action: BulkAction, { changed, cancelRequested, skipped }: BulkProgress): string {
  const parts = [`${countText(changed, "job")} ${BULK_WORDS[action].done}`];
  if (cancelRequested > 0) parts.push(`${countText(cancelRequested, "running job")} asked to stop`);
  if (skipped > 0) parts.push(`${figureText(skipped)} locked by a transaction and left`);
  return parts.join(", ");
}

/** How many jobs a command changes, of whatever kind the change is. */
export const bulkTotal = ({ changed, cancelRequested }: BulkProgress): number => changed + cancelRequested;
