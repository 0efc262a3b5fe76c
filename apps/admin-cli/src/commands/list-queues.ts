import type { Queue, QueueStatus } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { durationText } from "../output/duration-text.ts";
import { table } from "../output/table.ts";

/** Adds `millrace queues list`. */
export function addListQueues(parent: Command, host: CommandHost): void {
  parent
    .command("list")
    .description("list the queues that have jobs or are paused")
    .action(async () => host.report(await host.withQueue(listQueues)));
}

async function listQueues(queue: Queue): Promise<Report> {
  const queues = await queue.queues();
  return { json: { queues: queues.map(statusJson) }, text: statusTable(queues) };
}

function statusJson({ queue, pausedAt, counts, due, oldestDueMs }: QueueStatus) {
  return { queue, pausedAt, queued: counts.queued, running: counts.running, due, oldestDueMs };
}

function statusTable(queues: readonly QueueStatus[]): string {
  if (queues.length === 0) return "No queues.";
  return table(
    ["QUEUE", "PAUSED SINCE", "QUEUED", "RUNNING", "DUE", "OLDEST DUE"],
    queues.map(({ queue, pausedAt, counts, due, oldestDueMs }) => [
      queue,
      pausedAt?.toISOString() ?? null,
      counts.queued,
      counts.running,
      due,
      oldestDueMs === null ? null : durationText(oldestDueMs),
    ]),
  );
}
