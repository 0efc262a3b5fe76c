import type { BulkFilter, JsonValue } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandDatabase } from "../command-host.ts";
import { UsageError } from "../usage-error.ts";
import { collect } from "./collect.ts";
import { parsePast, type TypedInstant } from "./parse-instant.ts";
import { parseJobId } from "./parse-job-id.ts";
import { type JobRef, parseJobRef } from "./parse-job-ref.ts";
import { jsonOption } from "./parse-json-option.ts";
import { nameUpTo } from "./parse-name.ts";

/** A filter of jobs without `all`. */
export type Filter = Omit<BulkFilter, "all">;

/** The options that select jobs, the same for lists and for commands on many jobs. */
export interface FilterOptions {
  state?: JobState;
  queue?: string;
  type?: string;
  scheduleId?: string;
  id?: JobRef[];
  key?: string;
  tag?: string[];
  payloadContains?: JsonValue;
  error?: string;
  createdAfter?: TypedInstant;
  createdBefore?: TypedInstant;
  finishedAfter?: TypedInstant;
  finishedBefore?: TypedInstant;
  dueBefore?: TypedInstant;
}

const INSTANTS = [
  ["createdAfter", "--created-after", 'jobs enqueued at this instant or later: "2h ago"'],
  ["createdBefore", "--created-before", "jobs enqueued before this instant"],
  ["finishedAfter", "--finished-after", "jobs that ended at this instant or later"],
  ["finishedBefore", "--finished-before", "jobs that ended before this instant"],
  ["dueBefore", "--due-before", "queued jobs that are due before this instant"],
] as const;

const NAMES = ["state", "queue", "type", "scheduleId", "key", "error"] as const;

/** Adds the options of a filter to a command. `states` are the states that `--state` accepts. */
export function addFilterOptions(command: Command, states: readonly JobState[]): Command {
  command
    .optionsGroup("Which jobs:")
    .addOption(new Option("--state <state>", "jobs in this state").choices(states))
    .option("--queue <queue>", "jobs of this queue", nameUpTo(100))
    .option("--type <type>", "jobs of this type", nameUpTo(100))
    .option("--schedule-id <id>", "jobs of this schedule", parseJobId)
    .option(
      "--id <id>",
      "the job with this id, or with this part of an id; whole ids may be repeated",
      collect(parseJobRef),
    )
    .option("--key <key>", "the job that has this idempotency key", nameUpTo(255))
    .option(
      "--tag <tag>",
      "jobs with this tag; may be repeated: jobs with all of the tags",
      collect(nameUpTo(100)),
    )
    .option(
      "--payload-contains <json>",
      "jobs whose payload contains this JSON",
      jsonOption("--payload-contains"),
    )
    .option(
      "--error <text>",
      "jobs whose last error contains this text, in upper or lower case",
      nameUpTo(1_000),
    );
  for (const [, flag, what] of INSTANTS) command.option(`${flag} <instant>`, what, parsePast);
  return command.optionsGroup("Options:");
}

/** Whether any option of a filter was given. */
export function hasFilter(options: FilterOptions): boolean {
  return [...NAMES, "id", "tag", "payloadContains", ...INSTANTS.map(([name]) => name)].some(
    (name) => options[name as keyof FilterOptions] !== undefined,
  );
}

/**
 * Reads the filter of a command line. Relative instants count from `now`, which is the database's clock. Throws
 * `UsageError` for ids that cannot be combined.
 */
export function readFilter(options: FilterOptions, { now }: Pick<CommandDatabase, "now">): Filter {
  const { key, tag, payloadContains, error } = options;
  const filter: Filter = idFilter(options.id ?? []);
  for (const name of ["state", "queue", "type", "scheduleId"] as const) copy(filter, name, options[name]);
  copy(filter, "idempotencyKey", key);
  copy(filter, "tags", tag);
  copy(filter, "payloadContains", payloadContains);
  copy(filter, "errorIncludes", error);
  for (const [name] of INSTANTS) copy(filter, name, options[name]?.(now));
  return filter;
}

function idFilter(refs: readonly JobRef[]): Filter {
  const [first] = refs;
  if (first === undefined) return {};
  if (refs.every((ref) => ref.kind === "id")) return { ids: refs.map((ref) => ref.text) };
  if (refs.length > 1) throw new UsageError("Several --id must be whole ids.");
  return first.kind === "end" ? { idSuffix: first.text } : { idPrefix: first.text };
}

function copy<Name extends keyof Filter>(filter: Filter, name: Name, value: Filter[Name] | undefined): void {
  if (value !== undefined) filter[name] = value;
}
