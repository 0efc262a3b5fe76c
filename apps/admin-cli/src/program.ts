import { Command } from "commander";
import { type CommandHost, createCommandHost } from "./command-host.ts";
import type { CommandIo, TextSink } from "./command-io.ts";
import { addCancelJob } from "./commands/cancel-job.ts";
import { addChangeJob } from "./commands/change-job.ts";
import { addCompletion } from "./commands/completion.ts";
import { addCreateSchedule } from "./commands/create-schedule.ts";
import { addDashboard } from "./commands/dashboard.ts";
import { addDeleteJob } from "./commands/delete-job.ts";
import { addDeleteSchedule } from "./commands/delete-schedule.ts";
import { addDisableSchedule } from "./commands/disable-schedule.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEnableSchedule } from "./commands/enable-schedule.ts";
import { addEnqueueJob } from "./commands/enqueue-job.ts";
import { addExplainJob } from "./commands/explain-job.ts";
import { addFindJob } from "./commands/find-job.ts";
import { addGetJob } from "./commands/get-job.ts";
import { addGetSchedule } from "./commands/get-schedule.ts";
import { addHealth } from "./commands/health.ts";
import { addInit } from "./commands/init.ts";
import { addJobFailures } from "./commands/job-failures.ts";
import { addJobStats } from "./commands/job-stats.ts";
import { addListAudit } from "./commands/list-audit.ts";
import { addListJobs } from "./commands/list-jobs.ts";
import { addListQueues } from "./commands/list-queues.ts";
import { addListSchedules } from "./commands/list-schedules.ts";
import { addListViews } from "./commands/list-views.ts";
import { addListWorkers } from "./commands/list-workers.ts";
import { addMakeRoles } from "./commands/make-roles.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addPauseQueue } from "./commands/pause-queue.ts";
import { addPreviewSchedule } from "./commands/preview-schedule.ts";
import { addPruneJobs } from "./commands/prune-jobs.ts";
import { addResumeQueue } from "./commands/resume-queue.ts";
import { addRetryJob } from "./commands/retry-job.ts";
import { addRunJobNow } from "./commands/run-job-now.ts";
import { addRunSchedule } from "./commands/run-schedule.ts";
import { addScheduleTicks } from "./commands/schedule-ticks.ts";
import { addSetQueue } from "./commands/set-queue.ts";
import { addTop } from "./commands/top.ts";
import { addUndo } from "./commands/undo.ts";
import { addUpdateSchedule } from "./commands/update-schedule.ts";
import { addWaitForJob } from "./commands/wait-for-job.ts";
import { nameUpTo } from "./option/parse-name.ts";
import { WIDTH_DEFAULT } from "./output/view.ts";
import { packageVersion } from "./package-version.ts";

type AddCommand = (parent: Command, host: CommandHost) => void;

const ROOT_COMMANDS: readonly AddCommand[] = [
  addInit,
  addTop,
  addDashboard,
  addUndo,
  addHealth,
  addDoctor,
  addMigrate,
  addMakeRoles,
  addCompletion,
];

const GROUPS: readonly (readonly [string, string, readonly AddCommand[]])[] = [
  [
    "jobs",
    "list, inspect and change jobs",
    [
      addListJobs,
      addGetJob,
      addFindJob,
      addExplainJob,
      addJobFailures,
      addJobStats,
      addWaitForJob,
      addEnqueueJob,
      addChangeJob,
      addRunJobNow,
      addRetryJob,
      addCancelJob,
      addDeleteJob,
      addPruneJobs,
    ],
  ],
  [
    "queues",
    "list, set, pause and resume queues",
    [addListQueues, addSetQueue, addPauseQueue, addResumeQueue],
  ],
  [
    "schedules",
    "list, inspect and change schedules",
    [
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
    ],
  ],
  ["workers", "list the workers", [addListWorkers]],
  ["views", "list the refreshes of materialized views", [addListViews]],
  ["audit", "list what people changed", [addListAudit]],
];

/** All commands, and the host that they share. */
export interface Program {
  readonly root: Command;
  readonly host: CommandHost;
}

/**
 * Builds the tree of all commands. The program writes help on request to standard output, and the help for a missing
 * command to `missingCommandHelp`. Parsing throws `CommanderError` instead of ending the process.
 */
export function createProgram(io: CommandIo, missingCommandHelp: TextSink): Program {
  const root = new Command("millrace")
    .description("Operates Millrace: its jobs, queues, schedules, workers and database schema.")
    .version(packageVersion())
    .option("--json", "write one JSON document instead of text")
    .option("--absolute", "show instants in ISO 8601 instead of relative to now")
    .option(
      "--as <name>",
      "who you are, for the audit log (default: MILLRACE_ACTOR, else your user)",
      nameUpTo(200),
    )
    .option("--database-url <url>", "the database (default: MILLRACE_DATABASE_URL, else DATABASE_URL)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void missingCommandHelp.write(text),
      getOutHelpWidth: () => io.terminal.columns() ?? WIDTH_DEFAULT,
      getErrHelpWidth: () => io.terminal.columns() ?? WIDTH_DEFAULT,
      // The code that catches an error prints it. Commander would print the error a second time.
      outputError: () => undefined,
    });
  const host = createCommandHost(root, io);
  for (const [name, description, commands] of GROUPS) {
    const group = root.command(name).description(description);
    for (const add of commands) add(group, host);
  }
  for (const add of ROOT_COMMANDS) add(root, host);
  return { root, host };
}
