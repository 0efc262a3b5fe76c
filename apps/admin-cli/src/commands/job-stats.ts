import type { Queue, QueueStats } from "@millrace/queue";
import { JOB_STATES } from "@millrace/schema/values";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { durationText } from "../output/duration-text.ts";
import { table } from "../output/table.ts";

/** Adds `millrace jobs stats`. */
export function addJobStats(parent: Command, host: CommandHost): void {
  parent
    .command("stats")
    .description("count the jobs of every queue by state, and say how far behind it is")
    .action(async () => host.report(await host.withQueue(jobStats)));
}

async function jobStats(queue: Queue): Promise<Report> {
  const queues = await queue.stats();
  return { json: { queues: queues.map(statsJson) }, text: statsTable(queues) };
}

function statsJson({ queue, counts, due, oldestDueMs }: QueueStats) {
  return { queue, counts, due, oldestDueMs };
}

function statsTable(queues: readonly QueueStats[]): string {
  if (queues.length === 0) return "No jobs.";
  return table(
    ["QUEUE", ...JOB_STATES.map((state) => state.toUpperCase()), "DUE", "OLDEST DUE"],
    queues.map(({ queue, counts, due, oldestDueMs }) => [
      queue,
      ...JOB_STATES.map((state) => counts[state]),
      due,
      oldestDueMs === null ? null : durationText(oldestDueMs),
    ]),
  );
}
