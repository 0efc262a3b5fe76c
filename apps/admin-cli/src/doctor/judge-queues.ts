import type { QueueDepth, WorkerStatus } from "@millrace/queue";
import { countText, jobsText } from "../output/count-text.ts";
import { durationText } from "../output/duration-text.ts";
import { escapeControl } from "../output/escape-control.ts";
import { type Finding, note } from "./finding.ts";

/** A job that has been due for so long, in ms, waits for a worker: each worker polls its queues every few seconds. */
const DUE_MS_MAX = 60_000;

/**
 * Judges queues whose due jobs no living worker claims. The name of such a queue is often misspelt, by the program that
 * enqueues or by the worker. A paused queue waits for whoever paused it.
 */
export function judgeQueues(
  depths: readonly QueueDepth[],
  workers: readonly Pick<WorkerStatus, "alive" | "queues">[],
): Finding[] {
  const served = new Set(workers.filter(({ alive }) => alive).flatMap(({ queues }) => queues));
  const others = served.size === 0 ? "no worker lives" : `the living workers claim from ${listText(served)}`;
  return depths
    .filter(({ queue, pausedAt }) => pausedAt === null && !served.has(queue))
    .filter(({ oldestDueMs }) => oldestDueMs !== null && oldestDueMs > DUE_MS_MAX)
    .map(({ queue, due, oldestDueMs }) => {
      const jobs = `${due.capped ? "At least " : ""}${jobsText(due.count)}`;
      const age = durationText(oldestDueMs ?? 0);
      return note("QUEUE_WITHOUT_WORKER", `queue ${escapeControl(queue)}`, {
        text:
          `${jobs} of the queue ${due.count === 1 ? "is" : "are"} due, the first for ${age}, and no living worker ` +
          `claims from the queue: ${others}. Add the queue to a worker's queues, or correct the name where the jobs ` +
          "are enqueued.",
      });
    });
}

/** How many names a text lists. */
const LISTED_MAX = 5;

function listText(names: ReadonlySet<string>): string {
  const listed = [...names].sort().slice(0, LISTED_MAX).map(escapeControl);
  const rest = names.size - listed.length;
  return `${listed.join(", ")}${rest === 0 ? "" : ` and ${countText(rest)} more`}`;
}
