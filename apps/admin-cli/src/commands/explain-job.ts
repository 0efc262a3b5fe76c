import type { JobExplanation } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { escapeControl } from "../output/escape-control.ts";
import { jobJson } from "../output/job-json.ts";
import { resolveJob } from "../resolve-job.ts";

/** Adds `millrace jobs explain`. */
export function addExplainJob(parent: Command, host: CommandHost): void {
  parent
    .command("explain")
    .description("say why a job is not running, where it runs, or what became of it")
    .argument("<id>", "the job's id, or a part of it", parseJobRef)
    .action((ref: JobRef) => host.answer((database) => explainJob(database, ref)));
}

async function explainJob(database: CommandDatabase, ref: JobRef): Promise<Report> {
  const explanation = await database.queue.explain(await resolveJob(database, ref));
  const { job, reasons } = explanation;
  return { json: { job: jobJson(job), reasons }, text: explanationText(explanation) };
}

function explanationText({ job, reasons }: JobExplanation): string {
  const heading = `Job ${job.id} (${escapeControl(job.type)}) is ${job.state}.`;
  return [heading, ...reasons.map(({ text }) => `- ${escapeControl(text)}`)].join("\n");
}
