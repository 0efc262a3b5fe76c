import { JobStateError, type Queue } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import {
  addSelection,
  readSelection,
  type Selection,
  type SelectionOptions,
} from "../option/selection-options.ts";
import { skippedText } from "../output/skipped-text.ts";

const DELETABLE: readonly JobState[] = ["queued", "completed", "failed", "canceled"];

/** Adds `millrace jobs delete`. */
export function addDeleteJob(parent: Command, host: CommandHost): void {
  const command = parent.command("delete").description("delete jobs that are not running, with their past");
  addSelection(command, DELETABLE).action(async (id: string | undefined, options: SelectionOptions) => {
    const selection = readSelection(id, options);
    host.report(await host.withQueue((queue) => deleteJob(queue, selection)));
  });
}

async function deleteJob(queue: Queue, selection: Selection): Promise<Report> {
  if (selection.kind === "many") {
    const { changed: deleted, skipped } = await queue.deleteMany(selection.filter);
    return { json: { deleted, skipped }, text: `Deleted ${deleted} jobs.${skippedText(skipped)}` };
  }
  const { id } = selection;
  const { changed } = await queue.deleteMany({ ids: [id] });
  // The job still exists, so it is running, or a worker was claiming it. `get` throws when there is no such job.
  if (changed === 0) throw new JobStateError(await queue.get(id), "delete", DELETABLE);
  return { json: { id, outcome: "deleted" }, text: `Deleted job ${id}.` };
}
