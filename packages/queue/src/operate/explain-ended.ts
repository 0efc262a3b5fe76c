import { DELAY_MS_MAX, type QueueSettings } from "@millrace/schema/values";
import type { CanceledJob, CompletedJob, FailedJob } from "../job/job.ts";
import { firstLineOf } from "./error-fingerprint.ts";
import { countText, durationText, instantText } from "./figures-text.ts";
import type { JobReason } from "./job-explanation.ts";

/** How the text of a job begins that was canceled because it did not start in time. */
const NOT_STARTED = "Not started by ";

/** Returns what became of a job that has ended, and how long it is kept. */
export function explainEnded(
  job: CompletedJob | FailedJob | CanceledJob,
  queueSettings: QueueSettings | null,
): JobReason[] {
  return [endReason(job), keptReason(job, queueSettings)];
}

function endReason(job: CompletedJob | FailedJob | CanceledJob): JobReason {
  const { attempts, maxAttempts, crashes } = job;
  const lastError = firstLineOf(job.lastError);
  switch (job.state) {
    case "completed": {
      const at = job.completedAt;
      const text = `The job completed at ${instantText(at)}, in attempt ${attempts}.`;
      return { code: "completed", at, attempts, text };
    }
    case "failed": {
      const at = job.updatedAt;
      const used = `It used ${attempts} of ${countText(maxAttempts, "attempt")}`;
      const crashed = crashes === 0 ? "" : `, and crashed ${countText(crashes, "time")}`;
      const text = `The job failed at ${instantText(at)}. ${used}${crashed}. Last error: ${lastError ?? "none"}`;
      return { code: "failed", at, attempts, maxAttempts, crashes, lastError, text };
    }
    case "canceled": {
      const { canceledAt: at, startBy } = job;
      if (startBy !== null && job.lastError?.startsWith(NOT_STARTED) === true) {
        const text =
          `The job was canceled at ${instantText(at)}, ` +
          `because it had not started by ${instantText(startBy)}.`;
        return { code: "not-started-in-time", at, startBy, text };
      }
      const text = `The job was canceled at ${instantText(at)}, after ${countText(attempts, "attempt")}.`;
      return { code: "canceled", at, attempts, text };
    }
    default:
      return job satisfies never;
  }
}

/** How long the job is kept: by its own `retentionMs`, else by its queue's, as pruning reads them. */
function keptReason(
  job: CompletedJob | FailedJob | CanceledJob,
  queueSettings: QueueSettings | null,
): JobReason {
  const own = msOf(job.settings.retentionMs);
  const retentionMs = own ?? msOf(queueSettings?.retentionMs);
  if (retentionMs === null) {
    const text =
      "Neither the job nor its queue has a `retentionMs`: the job stays until a worker or `prune` deletes it.";
    return { code: "kept", retentionMs, until: null, from: null, text };
  }
  const until = new Date(job.updatedAt.getTime() + retentionMs);
  const from = own === null ? "queue" : "job";
  const text =
    `The ${from}'s settings keep the job for ${durationText(retentionMs)}: ` +
    `the first prune after ${instantText(until)} deletes it.`;
  return { code: "kept", retentionMs, until, from, text };
}

/** A retention, if it is one: SQL may have put any JSON into the settings. */
function msOf(value: unknown): number | null {
  return typeof value === "number" ? Math.min(value, DELAY_MS_MAX) : null;
}
