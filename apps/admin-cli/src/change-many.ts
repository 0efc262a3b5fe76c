import { type BulkFilter, type BulkOptions, type Job, MillraceError, type Queue } from "@millrace/queue";
import type { JobState } from "@millrace/schema/values";
import type { CommandDatabase, CommandHost, Report } from "./command-host.ts";
import { locationText } from "./database-url.ts";
import { filterOfKind } from "./filter-of-kind.ts";
import { readFilter } from "./option/filter-options.ts";
import type { ManyJobs } from "./option/selection-options.ts";
import { jobsText } from "./output/count-text.ts";
import { filterText } from "./output/filter-text.ts";
import { jobJson } from "./output/job-json.ts";
import { jobsTable } from "./output/job-text.ts";
import type { View } from "./output/view.ts";
import { UsageError } from "./usage-error.ts";

/** The person did not confirm a command. Nothing was changed. */
export class NotConfirmedError extends MillraceError {
  readonly code = "NOT_CONFIRMED";
  constructor() {
    super("Nothing was changed: the answer was not yes.");
  }
}

/**
 * Returns the function that asks the person a question, and throws `NotConfirmedError` unless the answer is yes. Where
 * nobody can be asked, throws `UsageError` with `otherwise`, which says what to do.
 */
export function confirmer(host: CommandHost, otherwise: string): (question: string) => Promise<void> {
  const { ask } = host.io.terminal;
  if (ask === undefined || host.isJson()) throw new UsageError(otherwise);
  return async (question) => {
    const answer = await ask(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new NotConfirmedError();
  };
}

/** A command that changes many jobs. */
export interface ManyCommand {
  /** The command in words: `retry`, for a question. */
  readonly verb: string;
  /** What became of the jobs, in words: `retried`. */
  readonly done: string;
  /** The states of the jobs that the command changes when the filter names no state. */
  readonly states: readonly JobState[];
  /** Whether the command would change a job in one of these states. Default: every job. */
  changes?(job: Job, now: Date): boolean;
  /** Counts the jobs that the command would change. */
  count(queue: Queue, filter: BulkFilter, options: BulkOptions): Promise<number>;
  /** Changes the jobs. */
  change(queue: Queue, filter: BulkFilter, options: BulkOptions): Promise<Report>;
}

/** How many jobs a dry run shows. */
const EXAMPLES = 5;
/** How many jobs of each state are listed to find the examples: the command may not change each of them. */
const LISTED = 50;

/**
 * Runs a command on many jobs: counts them for a dry run, or asks the person and then changes them. Where nobody can be
 * asked, throws `UsageError` unless the command line confirms the command. Throws `NotConfirmedError`
 * (`NOT_CONFIRMED`).
 */
export async function changeMany(
  host: CommandHost,
  database: CommandDatabase,
  { many, command }: { many: ManyJobs; command: ManyCommand },
): Promise<Report> {
  const { queue } = database;
  const filter = await bulkFilterOf(many, database);
  const options: BulkOptions = many.limit === null ? {} : { limit: many.limit };
  if (many.yes && !many.dryRun) return command.change(queue, filter, options);
  const count = await command.count(queue, filter, { ...options, dryRun: true });
  if (many.dryRun) return dryRunReport(database, { filter, command, count });
  const what = `${whichText(count, filter, command)} in ${locationText(database.location)}`;
  const confirm = confirmer(
    host,
    `${what} would be ${command.done}: add --yes to do so, or --dry-run to see five of them.`,
  );
  if (count > 0) await confirm(`${what}\n${filterText(filter)}\n${capital(command.verb)}?`);
  return command.change(queue, filter, options);
}

async function bulkFilterOf({ kindOf, filter }: ManyJobs, database: CommandDatabase): Promise<BulkFilter> {
  if (kindOf !== null) return filterOfKind(database, kindOf);
  return filter === null ? { all: true } : readFilter(filter, database);
}

async function dryRunReport(
  database: CommandDatabase,
  { filter, command, count }: { filter: BulkFilter; command: ManyCommand; count: number },
): Promise<Report> {
  const found = count === 0 ? [] : await someJobs(database.queue, filter, command.states);
  const examples = found.filter((job) => command.changes?.(job, database.now) ?? true).slice(0, EXAMPLES);
  const where = locationText(database.location);
  const heading = `${whichText(count, filter, command)} in ${where} would be ${command.done}.`;
  return {
    json: { dryRun: true, count, examples: examples.map(jobJson) },
    text: (view: View) =>
      count === 0
        ? heading
        : `${heading}\n${filterText(filter)}\n\nFor example:\n${jobsTable(view, examples, filter)}`,
  };
}

/** Lists some of the jobs that fit, of each state that the command changes, newest first. */
async function someJobs(
  queue: Queue,
  { all: _all, state, ...filter }: BulkFilter,
  states: readonly JobState[],
): Promise<Job[]> {
  const found: Job[] = [];
  for (const each of state === undefined ? states : [state]) {
    found.push(...(await queue.list({ ...filter, state: each, limit: LISTED })));
  }
  return found.sort((a, b) => (a.id < b.id ? 1 : -1));
}

const EITHER = new Intl.ListFormat("en", { type: "disjunction" });

/** The number of jobs and their states: `5,431 queued, failed, or canceled jobs`. */
function whichText(count: number, { state }: BulkFilter, { states }: ManyCommand): string {
  return jobsText(count, state ?? EITHER.format(states));
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
