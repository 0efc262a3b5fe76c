import { FINAL_STATES } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import { changeMany, type ManyCommand } from "../change-many.ts";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { addSelection, readSelection, type SelectionOptions } from "../option/selection-options.ts";
import { jobsText } from "../output/count-text.ts";
import { skippedText } from "../output/skipped-text.ts";
import { undoText } from "../output/undo-text.ts";
import { resolveJob } from "../resolve-job.ts";

/** Adds `millrace jobs retry`. */
export function addRetryJob(parent: Command, host: CommandHost): void {
  const command = parent
    .command("retry")
    .description(
      "queue ended jobs again, due now, with all their attempts; a filter selects failed and canceled jobs, unless " +
        "--state completed is given",
    );
  addSelection(command, FINAL_STATES).addOption(kindOfOption());
  command.action(async (ref: JobRef | undefined, options: SelectionOptions) => {
    const selection = readSelection(ref, options);
    await host.answer((database) =>
      selection.kind === "one"
        ? retryJob(database, selection.ref)
        : changeMany(host, database, { many: selection, command: retryCommand(database) }),
    );
  });
}

/** `--kind-of`, among the options that say which jobs. */
function kindOfOption(): Option {
  return new Option(
    "--kind-of <id>",
    "the failed jobs with the type, queue and kind of error of this failed job, as `jobs failures` groups them",
  )
    .argParser(parseJobRef)
    .helpGroup("Which jobs:");
}

async function retryJob(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const id = await resolveJob(database, ref);
  await database.queue.retry(id);
  return { json: { id, outcome: "queued" }, text: `Queued job ${id} again.` };
}

function retryCommand({ location }: CommandDatabase): ManyCommand {
  return {
    verb: "retry them",
    done: "queued again",
    states: ["failed", "canceled"],
    count: async (queue, filter, options) => (await queue.retryMany(filter, options)).changed,
    async change(queue, filter, options) {
      const { changed: queued, skipped, commandId } = await queue.retryMany(filter, options);
      return {
        json: { queued, skipped, commandId },
        text:
          `Queued ${jobsText(queued)} again in ${locationText(location)}.` +
          skippedText(skipped) +
          undoText(commandId),
      };
    },
  };
}
