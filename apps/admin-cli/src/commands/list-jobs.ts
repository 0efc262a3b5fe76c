import type { JobFilter, Queue } from "@millrace/queue";
import { JOB_STATES } from "@millrace/schema/values";
import { type Command, Option } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { integerBetween } from "../option/parse-integer.ts";
import { parseJobId } from "../option/parse-job-id.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { jobJson } from "../output/job-json.ts";
import { jobsTable } from "../output/job-text.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 1_000;

/** Adds `millrace jobs list`. */
export function addListJobs(parent: Command, host: CommandHost): void {
  parent
    .command("list")
    .description("list jobs, newest first")
    .addOption(new Option("--state <state>", "only jobs in this state").choices(JOB_STATES))
    .option("--queue <queue>", "only jobs of this queue", nameUpTo(100))
    .option("--type <type>", "only jobs of this type", nameUpTo(100))
    .option(
      "--limit <n>",
      `at most this many, 1 to ${LIMIT_MAX}`,
      integerBetween(1, LIMIT_MAX),
      LIMIT_DEFAULT,
    )
    .option("--before <id>", "only jobs that came before this one: continues a page", parseJobId)
    .action(async (options: JobFilter & { limit: number }) => {
      host.report(await host.withQueue((queue) => listJobs(queue, options)));
    });
}

async function listJobs(queue: Queue, filter: JobFilter & { limit: number }): Promise<Report> {
  const jobs = await queue.list(filter);
  // A full page may be the last page. The page after it is then empty.
  const next = jobs.length === filter.limit ? (jobs.at(-1)?.id ?? null) : null;
  const more = next === null ? "" : `\nThere may be more: --before ${next}`;
  return { json: { jobs: jobs.map(jobJson), next }, text: jobsTable(jobs) + more };
}
