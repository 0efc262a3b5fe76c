import type { Job } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandHost, Report } from "../command-host.ts";
import { parseDelay } from "../option/parse-delay.ts";
import { type JobRef, parseJobRef } from "../option/parse-job-ref.ts";
import { escapeLines } from "../output/escape-control.ts";
import { jobJson } from "../output/job-json.ts";
import { resolveJob } from "../resolve-job.ts";

/** One connection waits for the notice, and the other reads the job. */
const CONNECTIONS = 2;

/** Adds `millrace jobs wait`. */
export function addWaitForJob(parent: Command, host: CommandHost): void {
  parent
    .command("wait")
    .description("wait until a job has ended; exit code 1 unless it is completed")
    .argument("<id>", "the job's id, or a part of it", parseJobRef)
    .option("--timeout <duration>", "give up after so long: 30s, 5m, 2h, or ms (default: never)", parseDelay)
    .action((ref: JobRef, { timeout }: { timeout?: number }) =>
      host.answer(async (database) => {
        const id = await resolveJob(database, ref);
        const options = timeout === undefined ? {} : { timeoutMs: timeout };
        return endReport(await database.queue.waitFor(id, options));
      }, CONNECTIONS),
    );
}

function endReport(job: Job): Report {
  return { json: { job: jobJson(job) }, text: endText(job), failed: job.state !== "completed" };
}

function endText({ id, state, output, lastError }: Job): string {
  const heading = `Job ${id} is ${state}.`;
  if (output !== null) return `${heading}\n${escapeLines(JSON.stringify(output, null, 2))}`;
  return state === "failed" && lastError !== null ? `${heading}\n${escapeLines(lastError)}` : heading;
}
