import type { QueueStatus } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { durationText } from "../output/duration-text.ts";
import { settingsText } from "../output/settings-text.ts";
import { cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { addWatch, answerAndWatch, type WatchOptions } from "../watch.ts";

/** Adds `millrace queues list`. */
export function addListQueues(parent: Command, host: CommandHost): void {
  const command = parent
    .command("list")
    .description("list the queues that have jobs, are paused or have settings");
  addWatch(command).action((options: WatchOptions) => answerAndWatch(host, options, listQueues));
}

async function listQueues({ queue }: CommandDatabase): Promise<Report> {
  const queues = await queue.queues();
  return { json: { queues: queues.map(statusJson) }, text: (view) => statusTable(view, queues) };
}

function statusJson({ queue, pausedAt, counts, due, oldestDueMs, settings }: QueueStatus) {
  return { queue, pausedAt, queued: counts.queued, running: counts.running, due, oldestDueMs, settings };
}

function statusTable(view: View, queues: readonly QueueStatus[]): string {
  if (queues.length === 0) return "No queues.";
  return table(
    view,
    [
      cut("QUEUE"),
      "PAUSED",
      right("QUEUED"),
      right("RUNNING"),
      right("DUE"),
      right("OLDEST"),
      cut("SETTINGS"),
    ],
    queues.map(({ queue, pausedAt, counts, due, oldestDueMs, settings }) => [
      queue,
      pausedAt === null ? null : { value: pausedAt, paint: "warning" },
      counts.queued,
      counts.running,
      due,
      oldestDueMs === null ? null : durationText(oldestDueMs),
      settingsText(settings),
    ]),
  );
}
