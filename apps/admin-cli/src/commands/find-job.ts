import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";
import { jobJson } from "../output/job-json.ts";
import { jobsTable } from "../output/job-text.ts";

/** Adds `millrace jobs find`. */
export function addFindJob(parent: Command, host: CommandHost): void {
  parent
    .command("find")
    .description("show the job that has an idempotency key")
    .argument("<key>", "the idempotency key", nameUpTo(255))
    .action((key: string) => host.answer((database) => findJob(database, key)));
}

async function findJob({ queue }: CommandDatabase, key: string): Promise<Report> {
  const job = await queue.findByKey(key);
  if (job === null) {
    return { json: { job: null }, text: `No job has the key ${escapeControl(key)}.`, failed: true };
  }
  return { json: { job: jobJson(job) }, text: (view) => `${job.id}\n\n${jobsTable(view, [job], job)}` };
}
