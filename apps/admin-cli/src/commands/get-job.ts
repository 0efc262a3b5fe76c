import type { Queue } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseJobId } from "../option/parse-job-id.ts";
import { attemptJson, jobJson } from "../output/job-json.ts";
import { jobText } from "../output/job-text.ts";

/** Adds `millrace jobs get`. */
export function addGetJob(parent: Command, host: CommandHost): void {
  parent
    .command("get")
    .description("show a job and its past attempts")
    .argument("<id>", "the job's id", parseJobId)
    .action(async (id: string) => host.report(await host.withQueue((queue) => getJob(queue, id))));
}

async function getJob(queue: Queue, id: string): Promise<Report> {
  const job = await queue.get(id);
  const attempts = await queue.attempts(id);
  const waitsForWorker = await queue.waitsForWorker(id);
  return {
    json: { job: jobJson(job), waitsForWorker, attempts: attempts.map(attemptJson) },
    text: jobText(job, { attempts, waitsForWorker }),
  };
}
