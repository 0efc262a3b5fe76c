import type { Queue } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import {
  addSelection,
  readSelection,
  type Selection,
  type SelectionOptions,
} from "../option/selection-options.ts";
import { skippedText } from "../output/skipped-text.ts";

/** Adds `millrace jobs retry`. */
export function addRetryJob(parent: Command, host: CommandHost): void {
  const command = parent
    .command("retry")
    .description("queue failed or canceled jobs again, due now, with all their attempts");
  addSelection(command, ["failed", "canceled"]).action(
    async (id: string | undefined, options: SelectionOptions) => {
      const selection = readSelection(id, options);
      host.report(await host.withQueue((queue) => retryJob(queue, selection)));
    },
  );
}

async function retryJob(queue: Queue, selection: Selection): Promise<Report> {
  if (selection.kind === "one") {
    const { id } = selection;
    await queue.retry(id);
    return { json: { id, outcome: "queued" }, text: `Queued job ${id} again.` };
  }
  const { changed: queued, skipped } = await queue.retryMany(selection.filter);
  return { json: { queued, skipped }, text: `Queued ${queued} jobs again.${skippedText(skipped)}` };
}
