import type { QueueStats } from "@millrace/queue";
import { JOB_STATES } from "@millrace/schema/values";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { durationText } from "../output/duration-text.ts";
import { cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { addWatch, answerAndWatch, type WatchOptions } from "../watch.ts";

/** Adds `millrace jobs stats`. */
export function addJobStats(parent: Command, host: CommandHost): void {
  const command = parent
    .command("stats")
    .description("count the jobs of every queue by state, and show how long its oldest due job has waited");
  addWatch(command).action((options: WatchOptions) => answerAndWatch(host, options, jobStats));
}

async function jobStats({ queue }: CommandDatabase): Promise<Report> {
  const queues = await queue.stats();
  return { json: { queues: queues.map(statsJson) }, text: (view) => statsTable(view, queues) };
}

function statsJson({ queue, counts, due, oldestDueMs }: QueueStats) {
  return { queue, counts, due, oldestDueMs };
}

function statsTable(view: View, queues: readonly QueueStats[]): string {
  if (queues.length === 0) return "No jobs.";
  return table(
    view,
    [cut("QUEUE"), ...JOB_STATES.map((state) => right(state.toUpperCase())), right("DUE"), right("OLDEST")],
    queues.map(({ queue, counts, due, oldestDueMs }) => [
      queue,
      ...JOB_STATES.map((state) =>
        state === "failed" && counts.failed > 0
          ? ({ value: counts.failed, paint: "bad" } as const)
          : counts[state],
      ),
      due,
      oldestDueMs === null ? null : durationText(oldestDueMs),
    ]),
  );
}
