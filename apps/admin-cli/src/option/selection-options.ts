import type { JobState } from "@millrace/schema/values";
import { INTEGER_MAX } from "@millrace/schema/values";
import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";
import { addFilterOptions, type FilterOptions, hasFilter } from "./filter-options.ts";
import { integerBetween } from "./parse-integer.ts";
import { type JobRef, parseJobRef } from "./parse-job-ref.ts";

/** The options that select jobs for a command that changes one job or many. */
export interface SelectionOptions extends FilterOptions {
  all?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  limit?: number;
  /** Only of `jobs retry`. */
  kindOf?: JobRef;
}

/** Many jobs: those that fit a filter, those of a kind, or every job that the command can change. */
export interface ManyJobs {
  readonly kind: "many";
  /** The options of the filter; null for every job. */
  readonly filter: FilterOptions | null;
  /** A failed job: its kind takes the place of the filter. Null: the filter counts. */
  readonly kindOf: JobRef | null;
  /** Whether the person has confirmed the command. */
  readonly yes: boolean;
  /** Whether the command only counts the jobs. */
  readonly dryRun: boolean;
  /** The most jobs to change; null without a limit. */
  readonly limit: number | null;
}

/** One job by its id, or many jobs. */
export type Selection = { readonly kind: "one"; readonly ref: JobRef } | ManyJobs;

/** Adds an optional id and the filter's options to a command. `states` are the states that `--state` accepts. */
export function addSelection(command: Command, states: readonly JobState[]): Command {
  command.argument(
    "[id]",
    "the job's id, or a part of the id; without an id, a filter selects the jobs",
    parseJobRef,
  );
  addFilterOptions(command, states);
  return command
    .optionsGroup("Many jobs:")
    .option("--all", "every job that the command can change, in place of a filter")
    .option("--limit <n>", "change at most this many jobs", integerBetween(1, INTEGER_MAX))
    .option("--dry-run", "change nothing; show how many jobs fit, and five of them")
    .option("--yes", "do not ask; required where nobody can be asked, as in a script")
    .optionsGroup("Options:");
}

/** Reads the selection. Throws `UsageError` unless there is one id, or a filter, or `--all`. */
export function readSelection(ref: JobRef | undefined, options: SelectionOptions): Selection {
  const { all = false, yes = false, dryRun = false, limit, kindOf, ...filter } = options;
  const filtered = hasFilter(filter);
  if (kindOf !== undefined && (filtered || all || ref !== undefined)) {
    throw new UsageError("--kind-of excludes an id, a filter and --all; give one of them.");
  }
  if (ref !== undefined) {
    if (filtered || all || dryRun || limit !== undefined) {
      throw new UsageError("An id and a filter exclude each other; give one of them.");
    }
    return { kind: "one", ref };
  }
  if (!filtered && !all && kindOf === undefined) {
    throw new UsageError("Give a job's id, or a filter such as --queue <queue>, or --all for every job.");
  }
  if (filtered && all) throw new UsageError("--all and a filter exclude each other; give one of them.");
  return {
    kind: "many",
    filter: all ? null : filter,
    kindOf: kindOf ?? null,
    yes,
    dryRun,
    limit: limit ?? null,
  };
}
