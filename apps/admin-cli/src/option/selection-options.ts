import type { BulkFilter } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import { UsageError } from "../usage-error.ts";
import { parseInstant } from "./parse-instant.ts";
import { parseJobId } from "./parse-job-id.ts";
import { nameUpTo } from "./parse-name.ts";

/** The options that select jobs for a command. */
export interface SelectionOptions {
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  createdBefore?: Date;
  finishedBefore?: Date;
  all?: boolean;
  yes?: boolean;
}

/** One job by its id, or all jobs that fit a filter. */
export type Selection = { kind: "one"; id: string } | { kind: "many"; filter: BulkFilter };

/** Adds an optional id and the filter's options to a command. `states` are the states that `--state` accepts. */
export function addSelection(command: Command, states: readonly JobState[]): Command {
  return command
    .argument("[id]", "the job's id; without it, a filter says which jobs", parseJobId)
    .addOption(new Option("--state <state>", "jobs in this state").choices(states))
    .option("--queue <queue>", "jobs of this queue", nameUpTo(100))
    .option("--type <type>", "jobs of this type", nameUpTo(100))
    .option("--schedule-id <id>", "jobs of this schedule", parseJobId)
    .option("--created-before <instant>", "jobs enqueued before, ISO 8601 with an offset", parseInstant)
    .option("--finished-before <instant>", "jobs that ended before, ISO 8601 with an offset", parseInstant)
    .option("--all", "every job that the command can be given to, in place of a filter")
    .option("--yes", "confirms a filter or --all");
}

/** Reads the selection. Throws `UsageError` unless there is one id, or a filter or `--all` together with `--yes`. */
export function readSelection(
  id: string | undefined,
  { all = false, yes = false, ...filter }: SelectionOptions,
): Selection {
  const filtered = Object.keys(filter).length > 0;
  if (id !== undefined) {
    if (filtered || all) throw new UsageError("An id and a filter exclude each other; give one of them.");
    return { kind: "one", id };
  }
  if (!filtered && !all) {
    throw new UsageError("Give a job's id, or a filter such as --queue <queue>, or --all for every job.");
  }
  if (filtered && all) throw new UsageError("--all and a filter exclude each other; give one of them.");
  if (!yes) {
    throw new UsageError("This may change many jobs: add --yes. `millrace jobs list` shows which.");
  }
  return { kind: "many", filter: all ? { all } : filter };
}
