import type { Command } from "commander";
import { changeMany, type ManyCommand } from "../change-many.ts";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import type { JobRef } from "../option/parse-job-ref.ts";
import { addSelection, readSelection, type SelectionOptions } from "../option/selection-options.ts";
import { countText, jobsText } from "../output/count-text.ts";
import { skippedText } from "../output/skipped-text.ts";
import { undoText } from "../output/undo-text.ts";
import { resolveJob } from "../resolve-job.ts";

/** Adds `millrace jobs cancel`. */
export function addCancelJob(parent: Command, host: CommandHost): void {
  const command = parent.command("cancel").description("cancel queued jobs, and ask running ones to stop");
  addSelection(command, ["queued", "running"]).action(
    async (ref: JobRef | undefined, options: SelectionOptions) => {
      const selection = readSelection(ref, options);
      await host.answer((database) =>
        selection.kind === "one"
          ? cancelJob(database, selection.ref)
          : changeMany(host, database, { many: selection, command: cancelCommand(database) }),
      );
    },
  );
}

async function cancelJob(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const id = await resolveJob(database, ref);
  const outcome = await database.queue.cancel(id);
  const text =
    outcome === "canceled"
      ? `Canceled job ${id}.`
      : `Job ${id} is running: its worker is asked to stop it, and may still complete it.`;
  return { json: { id, outcome }, text };
}

function cancelCommand({ location }: CommandDatabase): ManyCommand {
  return {
    verb: "cancel them",
    done: "canceled",
    states: ["queued", "running"],
    async count(queue, filter, options) {
      const { changed, cancelRequested } = await queue.cancelMany(filter, options);
      return changed + cancelRequested;
    },
    async change(queue, filter, options) {
      const {
        changed: canceled,
        cancelRequested,
        skipped,
        commandId,
      } = await queue.cancelMany(filter, options);
      const more = skippedText(skipped) + undoText(commandId);
      const asked = cancelRequested === 0 ? "" : `, and asked ${countText(cancelRequested)} running to stop`;
      return {
        json: { canceled, cancelRequested, skipped, commandId },
        text: `Canceled ${jobsText(canceled)}${asked}, in ${locationText(location)}.${more}`,
      };
    },
  };
}
