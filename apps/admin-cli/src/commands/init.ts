import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { initText } from "../init/init-text.ts";
import { installCommands, stepsAfterInstall } from "../init/next-steps.ts";
import { readProject } from "../init/project.ts";
import { runInstall } from "../init/run-install.ts";
import { projectFiles } from "../init/templates.ts";
import { writeFiles } from "../init/write-files.ts";
import { packageVersion } from "../package-version.ts";

interface InitOptions {
  dryRun?: boolean;
  install?: boolean;
}

/** Adds `millrace init`. */
export function addInit(parent: Command, host: CommandHost): void {
  parent
    .command("init")
    .description(
      "write a first task, a schedule and a worker into a project, and say what to do next; overwrites no file",
    )
    .argument("[folder]", "the folder that has the project's package.json", ".")
    .option("--dry-run", "write nothing, and say what would be written")
    .option("--install", "add the dependencies with the project's package manager")
    .action((folder: string, options: InitOptions) => init(folder, options, host));
}

async function init(folder: string, { dryRun = false, install = false }: InitOptions, host: CommandHost) {
  const project = readProject(folder);
  const files = writeFiles(project.folder, projectFiles(project), { dryRun });
  const commands = installCommands(project, packageVersion());
  const installed = install && !dryRun;
  if (installed) for (const command of commands) await runInstall(command, project.folder, host.io);
  const next = stepsAfterInstall(project);
  const answer = {
    folder: project.folder,
    packageManager: project.manager,
    language: project.typescript ? "typescript" : "javascript",
    database: project.drizzle ? "drizzle" : "pg",
    files,
    install: commands.map((command) => command.join(" ")),
    installed,
    next,
  };
  host.report({ json: answer, text: initText(answer) }, host.io.now());
}
