import type { Command } from "commander";
import { changeMany, type ManyCommand } from "../change-many.ts";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import type { JobRef } from "../option/parse-job-ref.ts";
import { addSelection, readSelection, type SelectionOptions } from "../option/selection-options.ts";
import { jobsText } from "../output/count-text.ts";
import { skippedText } from "../output/skipped-text.ts";
import { undoText } from "../output/undo-text.ts";
import { resolveJob } from "../resolve-job.ts";

/** Adds `millrace jobs run-now`. */
export function addRunJobNow(parent: Command, host: CommandHost): void {
  const command = parent
    .command("run-now")
    .description("make queued jobs due now, whatever time they wait for");
  addSelection(command, ["queued"]).action(async (ref: JobRef | undefined, options: SelectionOptions) => {
    const selection = readSelection(ref, options);
    await host.answer((database) =>
      selection.kind === "one"
        ? runNow(database, selection.ref)
        : changeMany(host, database, { many: selection, command: runNowCommand(database) }),
    );
  });
}

async function runNow(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const id = await resolveJob(database, ref);
  await database.queue.runNow(id);
  return { json: { id, outcome: "due" }, text: `Job ${id} is due now.` };
}

function runNowCommand({ location }: CommandDatabase): ManyCommand {
  return {
    verb: "make them due now",
    done: "made due now",
    states: ["queued"],
    changes: ({ runAt }, now) => runAt === null || runAt > now,
    count: async (queue, filter, options) => (await queue.runNowMany(filter, options)).changed,
    async change(queue, filter, options) {
      const { changed: due, skipped, commandId } = await queue.runNowMany(filter, options);
      return {
        json: { due, skipped, commandId },
        text:
          `Made ${jobsText(due)} due now in ${locationText(location)}.` +
          skippedText(skipped) +
          undoText(commandId),
      };
    },
  };
}
