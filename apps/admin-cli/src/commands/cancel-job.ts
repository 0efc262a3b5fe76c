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

/** Adds `millrace jobs cancel`. */
export function addCancelJob(parent: Command, host: CommandHost): void {
  const command = parent.command("cancel").description("cancel queued jobs, and ask running ones to stop");
  addSelection(command, ["queued", "running"]).action(
    async (id: string | undefined, options: SelectionOptions) => {
      const selection = readSelection(id, options);
      host.report(await host.withQueue((queue) => cancelJob(queue, selection)));
    },
  );
}

async function cancelJob(queue: Queue, selection: Selection): Promise<Report> {
  if (selection.kind === "many") {
    const { changed: canceled, cancelRequested, skipped } = await queue.cancelMany(selection.filter);
    return {
      json: { canceled, cancelRequested, skipped },
      text: `Canceled ${canceled} jobs, and asked ${cancelRequested} running ones to stop.${skippedText(skipped)}`,
    };
  }
  const { id } = selection;
  const outcome = await queue.cancel(id);
  const text =
    outcome === "canceled"
      ? `Canceled job ${id}.`
      : `Job ${id} is running: its worker is asked to stop it, and may still complete it.`;
  return { json: { id, outcome }, text };
}
