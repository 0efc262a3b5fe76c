import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { attemptJson, jobJson } from "../output/job-json.ts";
import { jobText } from "../output/job-text.ts";
import { resolveJob } from "../resolve-job.ts";

/** Adds `millrace jobs get`. */
export function addGetJob(parent: Command, host: CommandHost): void {
  parent
    .command("get")
    .description("show a job, and its attempts that did not complete it")
    .argument("<id>", "the job's id, or a part of it", parseJobRef)
    .action((ref: JobRef) => host.answer((database) => getJob(database, ref)));
}

async function getJob(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const { queue } = database;
  const id = await resolveJob(database, ref);
  const job = await queue.get(id);
  const attempts = await queue.attempts(id);
  const waitsForWorker = await queue.waitsForWorker(id);
  return {
    json: { job: jobJson(job), waitsForWorker, attempts: attempts.map(attemptJson) },
    text: (view) => jobText(view, job, { attempts, waitsForWorker }),
  };
}
