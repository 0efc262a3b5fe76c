import { JobStateError } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import type { Command } from "commander";
import { changeMany, type ManyCommand } from "../change-many.ts";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import type { JobRef } from "../option/parse-job-ref.ts";
import { addSelection, readSelection, type SelectionOptions } from "../option/selection-options.ts";
import { jobsText } from "../output/count-text.ts";
import { skippedText } from "../output/skipped-text.ts";
import { resolveJob } from "../resolve-job.ts";

const DELETABLE: readonly JobState[] = ["queued", "completed", "failed", "canceled"];

/** Adds `millrace jobs delete`. */
export function addDeleteJob(parent: Command, host: CommandHost): void {
  const command = parent.command("delete").description("delete queued and ended jobs, with their attempts");
  addSelection(command, DELETABLE).action(async (ref: JobRef | undefined, options: SelectionOptions) => {
    const selection = readSelection(ref, options);
    await host.answer((database) =>
      selection.kind === "one"
        ? deleteJob(database, selection.ref)
        : changeMany(host, database, { many: selection, command: deleteCommand(database) }),
    );
  });
}

async function deleteJob(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const { queue } = database;
  const id = await resolveJob(database, ref);
  const { changed } = await queue.deleteMany({ ids: [id] });
  // The job still exists, so it is running, or a worker was claiming it. `get` throws when there is no such job.
  if (changed === 0) throw new JobStateError(await queue.get(id), "delete", DELETABLE);
  return { json: { id, outcome: "deleted" }, text: `Deleted job ${id}.` };
}

function deleteCommand({ location }: CommandDatabase): ManyCommand {
  return {
    verb: "delete them",
    done: "deleted",
    states: DELETABLE,
    count: async (queue, filter, options) => (await queue.deleteMany(filter, options)).changed,
    async change(queue, filter, options) {
      const { changed: deleted, skipped, commandId } = await queue.deleteMany(filter, options);
      return {
        json: { deleted, skipped, commandId },
        text: `Deleted ${jobsText(deleted)} in ${locationText(location)}.${skippedText(skipped)}`,
      };
    },
  };
}
