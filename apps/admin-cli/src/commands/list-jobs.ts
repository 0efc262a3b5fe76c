import type { Job, JobFilter } from "@millrace/queue";
import { INTEGER_MAX, JOB_STATES } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { addFilterOptions, type FilterOptions, readFilter } from "../option/filter-options.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { jobJson } from "../output/job-json.ts";
import { jobsTable } from "../output/job-text.ts";
import { jsonLine } from "../output/json.ts";
import { PAGE_MAX, readPage } from "../read-page.ts";
import { resolveJob } from "../resolve-job.ts";
import { UsageError } from "../usage-error.ts";
import { addWatch, answerAndWatch, type WatchOptions } from "../watch.ts";

interface ListJobsOptions extends FilterOptions, WatchOptions {
  limit: number;
  before?: JobRef;
  order?: "newest" | "oldest-due";
  jsonLines?: boolean;
}

const LIMIT_DEFAULT = 50;

/** Adds `millrace jobs list`. */
export function addListJobs(parent: Command, host: CommandHost): void {
  const command = parent.command("list").description("list jobs, newest first");
  addFilterOptions(command, JOB_STATES)
    .option(
      "--limit <n>",
      `at most this many, 1 to ${PAGE_MAX}; more with --json-lines`,
      integerBetween(1, INTEGER_MAX),
      LIMIT_DEFAULT,
    )
    .option("--before <id>", "only jobs that come after this job in the list: continues a page", parseJobRef)
    .addOption(
      new Option(
        "--order <order>",
        "oldest-due: only queued jobs, in the order in which they are due",
      ).choices(["newest", "oldest-due"]),
    )
    .option("--json-lines", "write one line of JSON for each job, as they are read");
  addWatch(command).action(async (options: ListJobsOptions) => {
    if (options.jsonLines === true) return writeJobLines(host, options);
    if (options.limit > PAGE_MAX) {
      throw new UsageError(`--limit: Expected an integer from 1 to ${PAGE_MAX}; --json-lines lists more.`);
    }
    await answerAndWatch(host, options, (database) => listJobs(database, options));
  });
}

async function listJobs(database: CommandDatabase, options: ListJobsOptions): Promise<Report> {
  const filter = await listFilter(database, options);
  const { items: jobs, next } = await readPage(
    options.limit,
    ({ limit, after }) =>
      database.queue.list({ ...filter, limit, ...(after === undefined ? {} : { before: after }) }),
    (job) => job.id,
  );
  return {
    json: { jobs: jobs.map(jobJson), next },
    text: (view) =>
      `${jobsTable(view, jobs, options)}${next === null ? "" : `\nThere are more: --before ${next}`}`,
  };
}

/** Writes each job as a line, page by page, until the limit, the last job, or the end of the reader. */
async function writeJobLines(host: CommandHost, options: ListJobsOptions): Promise<void> {
  if (options.watch !== undefined) throw new UsageError("--json-lines and --watch exclude each other.");
  await host.withDatabase(async (database) => {
    const filter = await listFilter(database, options);
    let before: string | undefined = filter.before;
    for (let left = options.limit; left > 0; ) {
      const limit = Math.min(left, PAGE_MAX);
      const page: JobFilter = { ...filter, limit, ...(before === undefined ? {} : { before }) };
      const jobs: Job[] = await database.queue.list(page);
      if (jobs.length > 0) host.io.stdout.write(jobs.map((job) => jsonLine(jobJson(job))).join(""));
      before = jobs.at(-1)?.id;
      left -= jobs.length;
      if (jobs.length < limit || !(await host.io.stdout.drained())) return;
    }
  });
}

async function listFilter(database: CommandDatabase, options: ListJobsOptions): Promise<JobFilter> {
  const { before, order } = options;
  return {
    ...readFilter(options, database),
    ...(before === undefined ? {} : { before: await resolveJob(database, before) }),
    ...(order === undefined ? {} : { order }),
  };
}
