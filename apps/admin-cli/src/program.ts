import { readFileSync } from "node:fs";
import { Command } from "commander";
import { createCommandHost } from "./command-host.ts";
import type { CommandIo, TextSink } from "./command-io.ts";
import { addCancelJob } from "./commands/cancel-job.ts";
import { addCreateSchedule } from "./commands/create-schedule.ts";
import { addDeleteJob } from "./commands/delete-job.ts";
import { addDeleteSchedule } from "./commands/delete-schedule.ts";
import { addDisableSchedule } from "./commands/disable-schedule.ts";
import { addEnableSchedule } from "./commands/enable-schedule.ts";
import { addEnqueueJob } from "./commands/enqueue-job.ts";
import { addGetJob } from "./commands/get-job.ts";
import { addGetSchedule } from "./commands/get-schedule.ts";
import { addJobStats } from "./commands/job-stats.ts";
import { addListJobs } from "./commands/list-jobs.ts";
import { addListQueues } from "./commands/list-queues.ts";
import { addListSchedules } from "./commands/list-schedules.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addPauseQueue } from "./commands/pause-queue.ts";
import { addPreviewSchedule } from "./commands/preview-schedule.ts";
import { addPruneJobs } from "./commands/prune-jobs.ts";
import { addResumeQueue } from "./commands/resume-queue.ts";
import { addRetryJob } from "./commands/retry-job.ts";
import { addRunSchedule } from "./commands/run-schedule.ts";
import { addScheduleTicks } from "./commands/schedule-ticks.ts";
import { addUpdateSchedule } from "./commands/update-schedule.ts";

const JOB_COMMANDS = [
  addListJobs,
  addGetJob,
  addEnqueueJob,
  addRetryJob,
  addCancelJob,
  addDeleteJob,
  addPruneJobs,
  addJobStats,
];

const QUEUE_COMMANDS = [addListQueues, addPauseQueue, addResumeQueue];

const SCHEDULE_COMMANDS = [
  addListSchedules,
  addGetSchedule,
  addCreateSchedule,
  addUpdateSchedule,
  addEnableSchedule,
  addDisableSchedule,
  addDeleteSchedule,
  addRunSchedule,
  addScheduleTicks,
  addPreviewSchedule,
];

/**
 * Builds the tree of all commands. The program writes help on request to standard output, and the help for a missing
 * command to `missingCommandHelp`. Parsing throws `CommanderError` instead of ending the process.
 */
export function createProgram(io: CommandIo, missingCommandHelp: TextSink): Command {
  const root = new Command("millrace")
    .description("Operates Millrace: its jobs, schedules and database schema.")
    .version(packageVersion())
    .option("--json", "write one JSON document instead of text")
    .option("--database-url <url>", "the database (default: MILLRACE_DATABASE_URL, else DATABASE_URL)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void missingCommandHelp.write(text),
      // The code that catches an error prints it. Commander would print the error a second time.
      outputError: () => undefined,
    });
  const host = createCommandHost(root, io);
  addMigrate(root, host);
  const jobs = root.command("jobs").description("list, inspect and change jobs");
  for (const add of JOB_COMMANDS) add(jobs, host);
  const queues = root.command("queues").description("list, pause and resume queues");
  for (const add of QUEUE_COMMANDS) add(queues, host);
  const schedules = root.command("schedules").description("list, inspect and change schedules");
  for (const add of SCHEDULE_COMMANDS) add(schedules, host);
  return root;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}
