import { addCommand, execCommand } from "./package-manager.ts";
import type { Project } from "./project.ts";
import { pathOf } from "./templates.ts";

/** Something to do after `millrace init`. */
export interface NextStep {
  readonly text: string;
  readonly commands: readonly string[];
}

/**
 * Returns the commands that add what the new files need and the project does not have: first what they need to run,
 * then what they need during development.
 *
 * @param version the version of this program, which all packages of Millrace share
 */
export function installCommands(project: Project, version: string): string[][] {
  const own = (name: string) => `@millrace/${name}`;
  const runtime = [own("queue"), own("scheduler"), "pg", "zod"];
  const development = [own("admin-cli")];
  if (project.typescript) {
    development.push("@types/node", "@types/pg");
    if (runsByTsx(project)) development.push("tsx");
  }
  return [
    { names: runtime, dev: false },
    { names: development, dev: true },
  ].flatMap(({ names, dev }) => {
    const missing = names.filter((name) => !project.dependencies.has(name));
    if (missing.length === 0) return [];
    // tsx needs esbuild, whose build script only checks what was installed.
    const builds = missing.includes("tsx") ? ["esbuild"] : [];
    const wanted = missing.map((name) => (name.startsWith("@millrace/") ? `${name}@${version}` : name));
    return [addCommand(project.manager, wanted, { dev, workspaceRoot: project.isWorkspaceRoot, builds })];
  });
}

/** Returns what to do next, without the installation. */
export function stepsAfterInstall(project: Project): NextStep[] {
  const millrace = (command: string) => execCommand(project.manager, `millrace ${command}`);
  const run = (name: string) => {
    const path = pathOf(name, project);
    return runsByTsx(project) ? execCommand(project.manager, `tsx ${path}`) : `node ${path}`;
  };
  return [
    {
      text: "Say where the database is",
      commands: ["export DATABASE_URL=postgres://user:password@localhost:5432/database"],
    },
    { text: "Make Millrace's tables", commands: [millrace("migrate")] },
    { text: "Start the worker", commands: [run("worker")] },
    {
      text: "Enqueue a job, in another terminal, and look at it",
      commands: [`${run("enqueue-welcome")} ada@example.com`, millrace("jobs list")],
    },
  ];
}

/** Whether the new files need tsx: Node runs TypeScript itself only if modules import `.ts` files by their names. */
function runsByTsx({ typescript, extension, importExtension }: Project): boolean {
  return typescript && extension !== importExtension;
}
