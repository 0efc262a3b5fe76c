import type { Queue } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseJobId } from "../option/parse-job-id.ts";

/** Adds `millrace jobs retry`. */
export function addRetryJob(parent: Command, host: CommandHost): void {
  parent
    .command("retry")
    .description("queue a failed or canceled job again, due now, with all its attempts")
    .argument("<id>", "the job's id", parseJobId)
    .action(async (id: string) => host.report(await host.withQueue((queue) => retryJob(queue, id))));
}

async function retryJob(queue: Queue, id: string): Promise<Report> {
  await queue.retry(id);
  return { json: { id, outcome: "queued" }, text: `Queued job ${id} again.` };
}
