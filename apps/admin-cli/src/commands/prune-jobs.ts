import type { PruneOptions } from "@millrace/queue";
import { FINAL_STATES, type FinalState, INTEGER_MAX } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { locationText } from "../database-url.ts";
import { parseDelay } from "../option/parse-delay.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { jobsText } from "../output/count-text.ts";
import { UsageError } from "../usage-error.ts";

interface PruneJobsOptions {
  state?: FinalState;
  olderThan?: number;
  keepLast?: number;
}

/** Adds `millrace jobs prune`. */
export function addPruneJobs(parent: Command, host: CommandHost): void {
  parent
    .command("prune")
    .description("delete ended jobs that are older than an age, or all but the newest ones")
    .addOption(new Option("--state <state>", "only jobs that ended in this state").choices(FINAL_STATES))
    .option("--older-than <age>", "delete jobs that ended longer ago: 30s, 5m, 2h, 7d, or ms", parseDelay)
    .option(
      "--keep-last <n>",
      "jobs of each state but the newest n, by their enqueue",
      integerBetween(0, INTEGER_MAX),
    )
    .action(async (options: PruneJobsOptions) => {
      const limits = limitsOf(options);
      await host.answer((database) => pruneJobs(database, limits));
    });
}

function limitsOf({ state, olderThan, keepLast }: PruneJobsOptions): PruneOptions {
  if (olderThan === undefined && keepLast === undefined) {
    throw new UsageError("Give --older-than, --keep-last or both.");
  }
  return {
    ...(state === undefined ? {} : { states: [state] }),
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(keepLast === undefined ? {} : { keepLast }),
  };
}

async function pruneJobs({ queue, location }: CommandDatabase, limits: PruneOptions): Promise<Report> {
  const deleted = await queue.prune(limits);
  return { json: { deleted }, text: `Deleted ${jobsText(deleted)} in ${locationText(location)}.` };
}
