import type { Queue } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseJobId } from "../option/parse-job-id.ts";

/** Adds `millrace jobs cancel`. */
export function addCancelJob(parent: Command, host: CommandHost): void {
  parent
    .command("cancel")
    .description("cancel a queued job, or ask a running one to stop")
    .argument("<id>", "the job's id", parseJobId)
    .action(async (id: string) => host.report(await host.withQueue((queue) => cancelJob(queue, id))));
}

async function cancelJob(queue: Queue, id: string): Promise<Report> {
  const outcome = await queue.cancel(id);
  const text =
    outcome === "canceled"
      ? `Canceled job ${id}.`
      : `Job ${id} is running: its worker is asked to stop it, and may still complete it.`;
  return { json: { id, outcome }, text };
}
